"""The ways to sign in, one module each; which of them is used is a setting."""
