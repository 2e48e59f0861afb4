-- Looking back: when a chat began, its words in full text, who is blocked, and how long anything is kept.

ALTER TABLE chat ADD COLUMN began_at INTEGER NOT NULL DEFAULT 0;
UPDATE chat SET began_at = coalesce((SELECT at FROM entry WHERE entry.chat_id = chat.id AND entry.seq = 1), waiting_since);
CREATE INDEX chat_by_begin ON chat(organization_id, began_at, id);
CREATE INDEX chat_of_visit ON chat(visit_id);

-- The row of an entry in the index. The table's own row number changes when the file is packed anew.
ALTER TABLE entry ADD COLUMN place INTEGER;
UPDATE entry SET place = rowid WHERE text IS NOT NULL;
CREATE UNIQUE INDEX entry_place ON entry(place);
CREATE INDEX entry_of_agent ON entry(author_agent, chat_id) WHERE author_agent IS NOT NULL;

CREATE VIEW message AS SELECT place, text FROM entry WHERE place IS NOT NULL;

-- Holds no text of its own. Triggers keep it right whoever writes, in the same transaction.
CREATE VIRTUAL TABLE message_search USING fts5(
  text, content = 'message', content_rowid = 'place', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
-- What is deleted leaves the index at once, not with some later merge.
INSERT INTO message_search(message_search, rank) VALUES ('secure-delete', 1);
INSERT INTO message_search(rowid, text) SELECT place, text FROM entry WHERE place IS NOT NULL;

CREATE TRIGGER entry_is_searchable AFTER INSERT ON entry WHEN new.text IS NOT NULL BEGIN
  UPDATE entry SET place = (SELECT coalesce(max(place), 0) + 1 FROM entry) WHERE chat_id = new.chat_id AND seq = new.seq;
  INSERT INTO message_search(rowid, text) SELECT place, text FROM entry WHERE chat_id = new.chat_id AND seq = new.seq;
END;
CREATE TRIGGER entry_is_rewritten AFTER UPDATE OF text ON entry WHEN old.place IS NOT NULL BEGIN
  INSERT INTO message_search(message_search, rowid, text) VALUES ('delete', old.place, coalesce(old.text, ''));
  INSERT INTO message_search(rowid, text) VALUES (new.place, coalesce(new.text, ''));
END;
CREATE TRIGGER entry_is_gone AFTER DELETE ON entry WHEN old.place IS NOT NULL BEGIN
  INSERT INTO message_search(message_search, rowid, text) VALUES ('delete', old.place, coalesce(old.text, ''));
END;

-- Where a visit came from, and what the browser said of itself. Empty: it did not.
ALTER TABLE visit ADD COLUMN referrer TEXT NOT NULL DEFAULT '';
-- `utm_source=news&utm_campaign=may`
ALTER TABLE visit ADD COLUMN campaign TEXT NOT NULL DEFAULT '';
ALTER TABLE visit ADD COLUMN language TEXT NOT NULL DEFAULT '';
ALTER TABLE visit ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';

ALTER TABLE visitor ADD COLUMN name_from TEXT CHECK (name_from IN ('visitor','agent'));
CREATE INDEX visitor_by_last_seen ON visitor(organization_id, seen_at, id);

-- What agents write down about a visitor; he never sees it.
CREATE TABLE visitor_note (
  id INTEGER PRIMARY KEY,
  visitor_id TEXT NOT NULL REFERENCES visitor(id),
  agent_id TEXT NOT NULL REFERENCES agent(id),
  at INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX note_of_visitor ON visitor_note(visitor_id);

-- Who is not served: no prompt, no chat.
CREATE TABLE visitor_block (
  visitor_id TEXT PRIMARY KEY NOT NULL REFERENCES visitor(id),
  by_agent TEXT NOT NULL REFERENCES agent(id),
  at INTEGER NOT NULL,
  -- None: for good.
  until INTEGER
) STRICT;

-- After so many days it goes; 0: it is kept for good.
ALTER TABLE organization ADD COLUMN keep_chats_days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organization ADD COLUMN keep_visits_days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organization ADD COLUMN keep_audit_days INTEGER NOT NULL DEFAULT 0;
