-- Files that were sent in chats. What is in them stands in a folder beside the database, under their id.

-- What the entry says of its file: `ID BYTES KIND`; its name is the entry's text, so that it is found by it.
ALTER TABLE entry ADD COLUMN file TEXT;

CREATE TABLE file (
  id TEXT PRIMARY KEY NOT NULL,
  chat_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  bytes INTEGER NOT NULL CHECK (bytes > 0),
  FOREIGN KEY (chat_id, seq) REFERENCES entry(chat_id, seq)
) STRICT;
CREATE UNIQUE INDEX file_of_entry ON file(chat_id, seq);

-- Files whose row is gone, until they have left the folder as well.
CREATE TABLE file_gone (
  id TEXT PRIMARY KEY NOT NULL
) STRICT;
