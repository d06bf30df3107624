"""A Dify-compatible chat server in one small process, so that the console works without an account.

It speaks the Service API of a basic chat app as a real server was recorded to speak it, keeps conversations
in SQLite, and answers from the console's own manual (`embedded/knowledge`). `python -m embedded --help`.
"""
