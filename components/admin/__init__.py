"""The administration page: accounts, sessions, who may look, and the audit trail."""
