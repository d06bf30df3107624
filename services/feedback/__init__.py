"""What end users and the app's owners think of its answers: read from Dify, kept, and worked through."""
