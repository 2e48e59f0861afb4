-- The complete schema. postgres/1_start.sql is the same migration for PostgreSQL. Every later migration needs a
-- counterpart there with the same number.
-- Ids are UUIDv7 as text, times are in milliseconds since the Unix epoch, and booleans are 0 or 1.

CREATE TABLE organization (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  -- Retention periods in days. 0 means that there is no limit.
  keep_chats_days INTEGER NOT NULL DEFAULT 0,
  keep_visits_days INTEGER NOT NULL DEFAULT 0,
  keep_audit_days INTEGER NOT NULL DEFAULT 0,
  -- For email and IP addresses in the audit log. Afterwards the line remains without them.
  keep_audit_addresses_days INTEGER NOT NULL DEFAULT 90
) STRICT;

CREATE TABLE team (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organization(id),
  name TEXT NOT NULL,
  routing TEXT NOT NULL DEFAULT 'everyone' CHECK (routing IN ('everyone','round_robin','least_busy')),
  -- The order in which teams are listed.
  position INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE agent (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organization(id),
  name TEXT NOT NULL,
  email TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('agent','supervisor','admin')),
  password_hash TEXT NOT NULL,
  max_chats INTEGER NOT NULL CHECK (max_chats > 0),
  active INTEGER NOT NULL DEFAULT 1,
  -- Why the agent is not taking chats. Null while the agent is available.
  away TEXT CHECK (away IN ('break','lunch','meeting','other','idle')),
  -- The agent's own text if the reason is 'other'.
  away_reason_text TEXT,
  away_since INTEGER,
  language TEXT NOT NULL DEFAULT 'en',
  -- If null, the browser's time zone is used.
  time_zone TEXT,
  -- The randomly generated name of the file.
  avatar TEXT,
  -- The second factor is enabled once a code has confirmed it (`totp_since`). `totp_step` is the time step of the last
  -- accepted code, which ensures that no code is accepted twice.
  totp_secret BLOB,
  totp_since INTEGER,
  totp_step INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE team_agent (
  team_id TEXT NOT NULL REFERENCES team(id),
  agent_id TEXT NOT NULL REFERENCES agent(id),
  -- When one of the team's chats was last offered to this agent. The agent who has waited longest is next.
  offered_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (team_id, agent_id)
) STRICT;

CREATE TABLE concierge (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organization(id),
  key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  sites TEXT NOT NULL,
  team_id TEXT REFERENCES team(id),
  title TEXT NOT NULL,
  greeting TEXT NOT NULL,
  color TEXT NOT NULL,
  side TEXT NOT NULL,
  language TEXT NOT NULL,
  privacy TEXT NOT NULL,
  invitation TEXT NOT NULL,
  paused INTEGER NOT NULL DEFAULT 0,
  -- The opening hours' time zone, and one line for each range of days, such as `Mon-Fri 9:00-17:00`. If there are no
  -- lines, the team is always available.
  time_zone TEXT NOT NULL DEFAULT 'UTC',
  opening_hours TEXT NOT NULL DEFAULT '',
  -- In milliseconds. If null, the server's setting applies.
  quiet_after_deny INTEGER CHECK (quiet_after_deny > 0),
  quiet_after_unanswered INTEGER CHECK (quiet_after_unanswered > 0),
  -- Page paths on which visitors are not invited, one per line. `*` matches any number of characters.
  excluded_paths TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE invitation_template (
  concierge_id TEXT NOT NULL REFERENCES concierge(id),
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (concierge_id, position)
) STRICT;

CREATE TABLE session (
  hash BLOB PRIMARY KEY NOT NULL,
  agent_id TEXT NOT NULL REFERENCES agent(id),
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  user_agent TEXT NOT NULL,
  -- When the password was last entered in this session.
  reauthenticated_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX session_of_agent ON session(agent_id);

-- A sign-in with a correct password that still requires the second factor. It grants no access.
CREATE TABLE pending_sign_in (
  hash BLOB PRIMARY KEY NOT NULL,
  agent_id TEXT NOT NULL REFERENCES agent(id),
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE recovery_code (
  agent_id TEXT NOT NULL REFERENCES agent(id),
  hash BLOB NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (agent_id, hash)
) STRICT;

-- A link that invites someone to become an agent. Only the hash of its token is stored.
CREATE TABLE join_link (
  hash BLOB PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organization(id),
  email TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('agent','supervisor','admin')),
  max_chats INTEGER NOT NULL CHECK (max_chats > 0),
  by_agent TEXT NOT NULL REFERENCES agent(id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  -- Several organizations may invite the same address: none of them may notice that another one has.
  UNIQUE (organization_id, email)
) STRICT;
CREATE TABLE join_link_team (
  hash BLOB NOT NULL REFERENCES join_link(hash) ON DELETE CASCADE,
  team_id TEXT NOT NULL REFERENCES team(id),
  PRIMARY KEY (hash, team_id)
) STRICT;

-- A link for setting a new password. Only the hash of its token is stored.
CREATE TABLE reset_link (
  hash BLOB PRIMARY KEY NOT NULL,
  agent_id TEXT NOT NULL REFERENCES agent(id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  -- Whether it was requested on the sign-in page. Such a link must not replace one that an admin created.
  self_requested INTEGER NOT NULL,
  UNIQUE (agent_id, self_requested)
) STRICT;

-- An agent's board preferences, which apply on all devices.
CREATE TABLE preference (
  agent_id TEXT PRIMARY KEY NOT NULL REFERENCES agent(id),
  -- The names of the hidden columns, separated by spaces.
  hidden TEXT NOT NULL,
  dense INTEGER NOT NULL
) STRICT;
CREATE TABLE saved_view (
  agent_id TEXT NOT NULL REFERENCES agent(id),
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  status TEXT,
  concierge_id TEXT REFERENCES concierge(id),
  search TEXT NOT NULL,
  sorted_by TEXT NOT NULL,
  reversed INTEGER NOT NULL,
  PRIMARY KEY (agent_id, position),
  UNIQUE (agent_id, name)
) STRICT;

CREATE TABLE visitor (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organization(id),
  token_hash BLOB NOT NULL UNIQUE,
  -- When the token was issued, and the salt from which it was derived from the previous one (null for the first).
  token_since INTEGER NOT NULL,
  token_salt BLOB,
  -- The previous token's hash, and until when it is valid. If null, until the current one has been used.
  previous_token_hash BLOB UNIQUE,
  previous_token_until INTEGER,
  name TEXT,
  quiet_until INTEGER,
  denials INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  name_from TEXT CHECK (name_from IN ('visitor','agent')),
  -- The email address for replies after the visitor has left, and who provided it.
  email TEXT,
  email_from TEXT CHECK (email_from IN ('visitor','agent'))
) STRICT;
CREATE INDEX visitor_by_last_seen ON visitor(organization_id, seen_at, id);

CREATE TABLE visit (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organization(id),
  visitor_id TEXT NOT NULL REFERENCES visitor(id),
  concierge_id TEXT NOT NULL REFERENCES concierge(id),
  browser TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  -- The visit's traffic source and what the browser reports about itself. Empty if unknown.
  referrer TEXT NOT NULL DEFAULT '',
  -- For example, `utm_source=news&utm_campaign=may`.
  campaign TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT '',
  time_zone TEXT NOT NULL DEFAULT '',
  device TEXT NOT NULL DEFAULT '' CHECK (device IN ('', 'desktop', 'phone', 'tablet'))
) STRICT;
CREATE INDEX visit_of_visitor ON visit(visitor_id);

CREATE TABLE page_view (
  id INTEGER PRIMARY KEY,
  visit_id TEXT NOT NULL REFERENCES visit(id),
  at INTEGER NOT NULL,
  url TEXT NOT NULL,
  title TEXT NOT NULL
) STRICT;
CREATE INDEX page_view_of_visit ON page_view(visit_id, at);

CREATE TABLE invitation (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organization(id),
  visit_id TEXT NOT NULL REFERENCES visit(id),
  visitor_id TEXT NOT NULL REFERENCES visitor(id),
  by_agent TEXT NOT NULL REFERENCES agent(id),
  text TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('sent','delivered','seen','accepted','denied','expired','withdrawn','left')),
  sent_at INTEGER NOT NULL,
  delivered_at INTEGER,
  seen_at INTEGER,
  decided_at INTEGER,
  decided_by TEXT REFERENCES agent(id),
  expires_at INTEGER NOT NULL,
  quiet_until INTEGER,
  -- The visitor's answer, if it came after the invitation had ended. It does not change the state.
  late_answer TEXT CHECK (late_answer IN ('accepted','denied'))
) STRICT;
CREATE UNIQUE INDEX one_open_invitation ON invitation(visit_id) WHERE state IN ('sent','delivered','seen');
CREATE INDEX invitation_of_visitor ON invitation(visitor_id);

CREATE TABLE chat (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organization(id),
  visit_id TEXT NOT NULL REFERENCES visit(id),
  visitor_id TEXT NOT NULL REFERENCES visitor(id),
  team_id TEXT REFERENCES team(id),
  agent_id TEXT REFERENCES agent(id),
  state TEXT NOT NULL CHECK (state IN ('unclaimed','in_progress','ended')),
  version INTEGER NOT NULL DEFAULT 1,
  state_since INTEGER NOT NULL,
  -- When the chat entered the queue. A chat that is returned to the team goes back to this position.
  queued_since INTEGER NOT NULL,
  reserved_for TEXT REFERENCES agent(id),
  reserved_until INTEGER,
  -- The number of the last entry.
  last_seq INTEGER NOT NULL DEFAULT 0,
  visitor_delivered INTEGER NOT NULL DEFAULT 0,
  visitor_read INTEGER NOT NULL DEFAULT 0,
  agent_delivered INTEGER NOT NULL DEFAULT 0,
  agent_read INTEGER NOT NULL DEFAULT 0,
  -- The number of the visitor's messages after `agent_read`.
  unread INTEGER NOT NULL DEFAULT 0,
  end_reason TEXT CHECK (end_reason IN ('agent','visitor','silence','abandoned')),
  last_text TEXT,
  last_from_visitor INTEGER,
  last_at INTEGER,
  last_word_at INTEGER NOT NULL,
  -- Whether the reservation is an offer made by the team's routing rather than one for the inviting agent.
  is_offer INTEGER NOT NULL DEFAULT 0,
  began_at INTEGER NOT NULL DEFAULT 0,
  -- When the visitor was offered the message form because no agent was free, and when they submitted it.
  form_offered_at INTEGER,
  contact_left_at INTEGER,
  -- The visitor's rating, if they gave one.
  rating TEXT CHECK (rating IN ('good', 'bad')),
  CHECK ((state = 'ended') = (end_reason IS NOT NULL)),
  CHECK (state <> 'unclaimed' OR agent_id IS NULL),
  CHECK (state <> 'in_progress' OR agent_id IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX one_live_chat ON chat(visitor_id) WHERE state IN ('unclaimed','in_progress');
CREATE INDEX chat_of_visitor ON chat(visitor_id, state_since);
CREATE INDEX chat_of_agent ON chat(agent_id) WHERE state = 'in_progress';
CREATE INDEX chat_by_begin ON chat(organization_id, began_at, id);
CREATE INDEX chat_of_visit ON chat(visit_id);

CREATE TABLE entry (
  chat_id TEXT NOT NULL REFERENCES chat(id),
  seq INTEGER NOT NULL CHECK (seq > 0),
  at INTEGER NOT NULL,
  author TEXT NOT NULL CHECK (author IN ('visitor','agent','concierge')),
  author_agent TEXT REFERENCES agent(id),
  client_id TEXT,
  -- Either a message's text or an event in the program's own format, such as `joined ID`.
  text TEXT,
  event TEXT,
  -- The row id in the full-text index. The table's own rowid is not used because VACUUM may change it.
  search_rowid INTEGER,
  -- If set, this entry edits or deletes the author's message with that number. A deleted message no longer has any
  -- text.
  amends_seq INTEGER,
  is_deleted INTEGER NOT NULL DEFAULT 0,
  -- A message's file, in the format `ID BYTES KIND`. Its name is the entry's text, so that it can be searched for.
  file TEXT,
  PRIMARY KEY (chat_id, seq),
  UNIQUE (chat_id, client_id),
  CHECK ((text IS NULL) <> (event IS NULL))
) STRICT;
CREATE UNIQUE INDEX entry_search_rowid ON entry(search_rowid);

CREATE VIEW message AS SELECT search_rowid, text FROM entry WHERE search_rowid IS NOT NULL;

-- The index stores no text of its own. Triggers keep it up to date as part of each change's transaction.
CREATE VIRTUAL TABLE message_search USING fts5(
  text, content = 'message', content_rowid = 'search_rowid', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
-- Removes deleted text from the index immediately instead of during a later merge.
INSERT INTO message_search(message_search, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER entry_is_searchable AFTER INSERT ON entry WHEN new.text IS NOT NULL BEGIN
  UPDATE entry SET search_rowid = (SELECT coalesce(max(search_rowid), 0) + 1 FROM entry)
    WHERE chat_id = new.chat_id AND seq = new.seq;
  INSERT INTO message_search(rowid, text)
    SELECT search_rowid, text FROM entry WHERE chat_id = new.chat_id AND seq = new.seq;
END;
CREATE TRIGGER entry_is_rewritten AFTER UPDATE OF text ON entry WHEN old.search_rowid IS NOT NULL BEGIN
  INSERT INTO message_search(message_search, rowid, text) VALUES ('delete', old.search_rowid, coalesce(old.text, ''));
  INSERT INTO message_search(rowid, text) VALUES (new.search_rowid, coalesce(new.text, ''));
END;
CREATE TRIGGER entry_is_gone AFTER DELETE ON entry WHEN old.search_rowid IS NOT NULL BEGIN
  INSERT INTO message_search(message_search, rowid, text) VALUES ('delete', old.search_rowid, coalesce(old.text, ''));
END;

-- The agents to whom a waiting chat has already been offered. Cleared when the chat is queued again.
CREATE TABLE offer (
  chat_id TEXT NOT NULL REFERENCES chat(id) ON DELETE CASCADE,
  agent_id TEXT NOT NULL REFERENCES agent(id),
  at INTEGER NOT NULL,
  PRIMARY KEY (chat_id, agent_id)
) STRICT;

-- Notes about a chat, which only agents can see. They are not stored as entries, and no query for visitors reads this
-- table.
CREATE TABLE note (
  chat_id TEXT NOT NULL REFERENCES chat(id) ON DELETE CASCADE,
  number INTEGER NOT NULL CHECK (number > 0),
  at INTEGER NOT NULL,
  author TEXT NOT NULL REFERENCES agent(id),
  text TEXT NOT NULL,
  -- Whether the note is from an observing supervisor to the agent in the chat.
  whisper INTEGER NOT NULL,
  PRIMARY KEY (chat_id, number)
) STRICT;

-- The agents who are or were in a chat: they may read it even after it went to somebody else.
CREATE TABLE chat_agent (
  chat_id TEXT NOT NULL REFERENCES chat(id) ON DELETE CASCADE,
  agent_id TEXT NOT NULL REFERENCES agent(id),
  PRIMARY KEY (chat_id, agent_id)
) STRICT;
CREATE INDEX chat_agent_of_agent ON chat_agent(agent_id);

-- The organization's tags. A tag is added when it is first used.
CREATE TABLE tag (
  organization_id TEXT NOT NULL REFERENCES organization(id),
  name TEXT NOT NULL,
  PRIMARY KEY (organization_id, name)
) STRICT;
CREATE TABLE chat_tag (
  chat_id TEXT NOT NULL REFERENCES chat(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  PRIMARY KEY (chat_id, name)
) STRICT;
CREATE INDEX chat_of_tag ON chat_tag(name);

-- Canned replies, each of which belongs to one agent, to one team, or to everyone.
CREATE TABLE reply (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organization(id),
  agent_id TEXT REFERENCES agent(id),
  team_id TEXT REFERENCES team(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  text TEXT NOT NULL,
  CHECK (agent_id IS NULL OR team_id IS NULL)
) STRICT;
CREATE INDEX reply_of_organization ON reply(organization_id);

-- Agents' notes about a visitor, which the visitor never sees.
CREATE TABLE visitor_note (
  id INTEGER PRIMARY KEY,
  visitor_id TEXT NOT NULL REFERENCES visitor(id),
  agent_id TEXT NOT NULL REFERENCES agent(id),
  at INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX note_of_visitor ON visitor_note(visitor_id);

-- Blocked visitors, who cannot be invited and cannot chat.
CREATE TABLE visitor_block (
  visitor_id TEXT PRIMARY KEY NOT NULL REFERENCES visitor(id),
  by_agent TEXT NOT NULL REFERENCES agent(id),
  at INTEGER NOT NULL,
  -- Null if the block is permanent.
  until INTEGER
) STRICT;

-- The audit log, which records who changed or read what. Rows are deleted when their retention period ends. They are
-- only updated to remove what identifies a deleted visitor, and addresses whose own retention period has ended.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organization(id),
  at INTEGER NOT NULL,
  -- Null if the change was not made by an agent.
  agent_id TEXT REFERENCES agent(id),
  -- The agent's name at the time.
  agent_name TEXT NOT NULL,
  -- For example, `agent.deactivated`.
  action TEXT NOT NULL,
  -- The name of the changed item.
  target TEXT NOT NULL,
  -- The old and new values. Never contains a secret or anything that a visitor wrote.
  detail TEXT NOT NULL,
  -- The visitor whose data the line is about. Not a reference, because the line outlives the visitor: `target` and this
  -- column are then cleared.
  visitor_id TEXT,
  -- Whether `target` or `detail` contains an email or IP address.
  has_address INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX audit_of_organization ON audit(organization_id, id);
CREATE INDEX audit_of_visitor ON audit(visitor_id) WHERE visitor_id IS NOT NULL;
CREATE INDEX audit_with_address ON audit(organization_id, at) WHERE has_address = 1;

-- Files sent in chats. Their contents are in a directory next to the database, where each file is named after its id.
CREATE TABLE file (
  id TEXT PRIMARY KEY NOT NULL,
  chat_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  bytes INTEGER NOT NULL CHECK (bytes > 0),
  FOREIGN KEY (chat_id, seq) REFERENCES entry(chat_id, seq)
) STRICT;
CREATE UNIQUE INDEX file_of_entry ON file(chat_id, seq);

-- Files whose rows have been deleted but whose contents are still in the directory.
CREATE TABLE file_deletion_queue (
  id TEXT PRIMARY KEY NOT NULL
) STRICT;
