"""Migrations: the schema of the SQLite file, version after version."""

from __future__ import annotations

# Each entry brings the file one version further; what has been released is never changed, only followed.
MIGRATIONS = (
    """
    CREATE TABLE conversations (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        app_id TEXT NOT NULL,
        user TEXT NOT NULL,
        name TEXT NOT NULL,
        named_by TEXT NOT NULL DEFAULT 'question',
        inputs TEXT NOT NULL,
        introduction TEXT NOT NULL,
        created_at REAL NOT NULL,
        updated_at REAL NOT NULL
    ) STRICT;
    CREATE INDEX conversations_of ON conversations (app_id, user, updated_at);
    CREATE TABLE messages (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        inputs TEXT NOT NULL,
        query TEXT NOT NULL,
        answer TEXT NOT NULL DEFAULT '',
        status TEXT NOT NULL DEFAULT 'normal',
        error TEXT,
        prompt_tokens INTEGER NOT NULL DEFAULT 0,
        completion_tokens INTEGER NOT NULL DEFAULT 0,
        latency REAL NOT NULL DEFAULT 0,
        resources TEXT NOT NULL DEFAULT '[]',
        created_at REAL NOT NULL
    ) STRICT;
    CREATE INDEX messages_of ON messages (conversation_id, seq);
    CREATE TABLE feedbacks (
        id TEXT PRIMARY KEY,
        message_id TEXT NOT NULL UNIQUE REFERENCES messages (id) ON DELETE CASCADE,
        rating TEXT NOT NULL,
        content TEXT,
        created_at REAL NOT NULL,
        updated_at REAL NOT NULL
    ) STRICT;
    """,
    """
    CREATE TABLE ratings (
        id TEXT PRIMARY KEY,
        message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
        source TEXT NOT NULL,
        rating TEXT NOT NULL,
        content TEXT,
        created_at REAL NOT NULL,
        updated_at REAL NOT NULL,
        UNIQUE (message_id, source)
    ) STRICT;
    INSERT INTO ratings SELECT id, message_id, 'user', rating, content, created_at, updated_at FROM feedbacks;
    DROP TABLE feedbacks;
    ALTER TABLE ratings RENAME TO feedbacks;
    ALTER TABLE messages ADD COLUMN thoughts TEXT NOT NULL DEFAULT '[]';
    CREATE TABLE end_users (
        id TEXT PRIMARY KEY,
        app_id TEXT NOT NULL,
        user TEXT NOT NULL,
        created_at REAL NOT NULL,
        UNIQUE (app_id, user)
    ) STRICT;
    CREATE TABLE files (
        id TEXT PRIMARY KEY,
        app_id TEXT NOT NULL,
        user TEXT NOT NULL,
        name TEXT NOT NULL,
        extension TEXT NOT NULL,
        mime_type TEXT NOT NULL,
        size INTEGER NOT NULL,
        created_at REAL NOT NULL
    ) STRICT;
    CREATE TABLE message_files (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
        belongs_to TEXT NOT NULL,
        type TEXT NOT NULL,
        transfer_method TEXT NOT NULL,
        file_id TEXT,
        name TEXT NOT NULL,
        mime_type TEXT NOT NULL,
        size INTEGER NOT NULL,
        url TEXT
    ) STRICT;
    CREATE INDEX message_files_of ON message_files (message_id);
    CREATE INDEX message_files_with ON message_files (file_id);
    CREATE TABLE annotations (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        app_id TEXT NOT NULL,
        question TEXT NOT NULL,
        answer TEXT NOT NULL,
        hit_count INTEGER NOT NULL DEFAULT 0,
        created_at REAL NOT NULL
    ) STRICT;
    CREATE INDEX annotations_of ON annotations (app_id, seq);
    CREATE TABLE annotation_replies (
        app_id TEXT PRIMARY KEY,
        id TEXT NOT NULL,
        threshold REAL NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL
    ) STRICT;
    CREATE TABLE jobs (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        app_id TEXT NOT NULL,
        action TEXT NOT NULL,
        threshold REAL NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'waiting',
        error TEXT NOT NULL DEFAULT '',
        ended_at REAL
    ) STRICT;
    CREATE TABLE variables (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        created_at REAL NOT NULL,
        updated_at REAL NOT NULL,
        UNIQUE (conversation_id, name)
    ) STRICT;
    CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        message_id TEXT NOT NULL UNIQUE REFERENCES messages (id) ON DELETE CASCADE,
        app_id TEXT NOT NULL,
        user TEXT NOT NULL,
        task_id TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'running',
        inputs TEXT NOT NULL,
        outputs TEXT NOT NULL DEFAULT '{}',
        error TEXT,
        nodes TEXT NOT NULL DEFAULT '[]',
        tokens INTEGER NOT NULL DEFAULT 0,
        created_at REAL NOT NULL,
        finished_at REAL
    ) STRICT;
    CREATE TABLE forms (
        token TEXT PRIMARY KEY,
        id TEXT NOT NULL,
        run_id TEXT NOT NULL UNIQUE REFERENCES runs (id) ON DELETE CASCADE,
        definition TEXT NOT NULL,
        submission TEXT,
        expires_at REAL NOT NULL
    ) STRICT;
    """,
    """
    CREATE TABLE vectors (
        annotation_id TEXT PRIMARY KEY REFERENCES annotations (id) ON DELETE CASCADE,
        model TEXT NOT NULL,
        question TEXT NOT NULL,
        content BLOB NOT NULL
    ) STRICT;
    """,
    """
    ALTER TABLE feedbacks ADD COLUMN app TEXT NOT NULL DEFAULT '';
    UPDATE feedbacks SET app = (
        SELECT app_id FROM messages JOIN conversations ON conversations.id = messages.conversation_id
        WHERE messages.id = feedbacks.message_id
    );
    CREATE INDEX feedbacks_of ON feedbacks (app, created_at, id);
    """,
)
