-- The complete schema. ../1_start.sql is the same migration for SQLite. Every later migration needs a counterpart there
-- with the same number.
-- Ids are UUIDv7 as text, times are in milliseconds since the Unix epoch, and booleans are 0 or 1. All text is sorted
-- by bytes, as in SQLite.

-- SQLite has this function built in.
CREATE FUNCTION instr(whole TEXT, part TEXT) RETURNS INTEGER LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT strpos(whole, part)
$$;

CREATE TABLE organization (
  id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  -- Retention periods in days. 0 means that there is no limit.
  keep_chats_days BIGINT NOT NULL DEFAULT 0,
  keep_visits_days BIGINT NOT NULL DEFAULT 0,
  keep_audit_days BIGINT NOT NULL DEFAULT 0,
  -- For email and IP addresses in the audit log. Afterwards the line remains without them.
  keep_audit_addresses_days BIGINT NOT NULL DEFAULT 90
);

CREATE TABLE team (
  id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organization(id),
  name TEXT COLLATE "C" NOT NULL,
  routing TEXT COLLATE "C" NOT NULL DEFAULT 'everyone' CHECK (routing IN ('everyone','round_robin','least_busy')),
  -- The order in which teams are listed.
  position BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE agent (
  id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organization(id),
  name TEXT COLLATE "C" NOT NULL,
  email TEXT COLLATE "C" NOT NULL UNIQUE,
  role TEXT COLLATE "C" NOT NULL CHECK (role IN ('agent','supervisor','admin')),
  password_hash TEXT COLLATE "C" NOT NULL,
  max_chats BIGINT NOT NULL CHECK (max_chats > 0),
  active BIGINT NOT NULL DEFAULT 1,
  -- Why the agent is not taking chats. Null while the agent is available.
  away TEXT COLLATE "C" CHECK (away IN ('break','lunch','meeting','other','idle')),
  -- The agent's own text if the reason is 'other'.
  away_reason_text TEXT COLLATE "C",
  away_since BIGINT,
  language TEXT COLLATE "C" NOT NULL DEFAULT 'en',
  -- If null, the browser's time zone is used.
  time_zone TEXT COLLATE "C",
  -- The randomly generated name of the file.
  avatar TEXT COLLATE "C",
  -- The second factor is enabled once a code has confirmed it (`totp_since`). `totp_step` is the time step of the last
  -- accepted code, which ensures that no code is accepted twice.
  totp_secret BYTEA,
  totp_since BIGINT,
  totp_step BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE team_agent (
  team_id TEXT COLLATE "C" NOT NULL REFERENCES team(id),
  agent_id TEXT COLLATE "C" NOT NULL REFERENCES agent(id),
  -- When one of the team's chats was last offered to this agent. The agent who has waited longest is next.
  offered_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (team_id, agent_id)
);

CREATE TABLE concierge (
  id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organization(id),
  key TEXT COLLATE "C" NOT NULL UNIQUE,
  name TEXT COLLATE "C" NOT NULL,
  sites TEXT COLLATE "C" NOT NULL,
  team_id TEXT COLLATE "C" REFERENCES team(id),
  title TEXT COLLATE "C" NOT NULL,
  greeting TEXT COLLATE "C" NOT NULL,
  color TEXT COLLATE "C" NOT NULL,
  side TEXT COLLATE "C" NOT NULL,
  language TEXT COLLATE "C" NOT NULL,
  privacy TEXT COLLATE "C" NOT NULL,
  invitation TEXT COLLATE "C" NOT NULL,
  paused BIGINT NOT NULL DEFAULT 0,
  -- The opening hours' time zone, and one line for each range of days, such as `Mon-Fri 9:00-17:00`. If there are no
  -- lines, the team is always available.
  time_zone TEXT COLLATE "C" NOT NULL DEFAULT 'UTC',
  opening_hours TEXT COLLATE "C" NOT NULL DEFAULT '',
  -- In milliseconds. If null, the server's setting applies.
  quiet_after_deny BIGINT CHECK (quiet_after_deny > 0),
  quiet_after_unanswered BIGINT CHECK (quiet_after_unanswered > 0),
  -- Page paths on which visitors are not invited, one per line. `*` matches any number of characters.
  excluded_paths TEXT COLLATE "C" NOT NULL DEFAULT ''
);

CREATE TABLE invitation_template (
  concierge_id TEXT COLLATE "C" NOT NULL REFERENCES concierge(id),
  position BIGINT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (concierge_id, position)
);

CREATE TABLE session (
  hash BYTEA PRIMARY KEY NOT NULL,
  agent_id TEXT COLLATE "C" NOT NULL REFERENCES agent(id),
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  user_agent TEXT COLLATE "C" NOT NULL,
  -- When the password was last entered in this session.
  reauthenticated_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX session_of_agent ON session(agent_id);

-- A sign-in with a correct password that still requires the second factor. It grants no access.
CREATE TABLE pending_sign_in (
  hash BYTEA PRIMARY KEY NOT NULL,
  agent_id TEXT COLLATE "C" NOT NULL REFERENCES agent(id),
  created_at BIGINT NOT NULL
);

CREATE TABLE recovery_code (
  agent_id TEXT COLLATE "C" NOT NULL REFERENCES agent(id),
  hash BYTEA NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (agent_id, hash)
);

-- A link that invites someone to become an agent. Only the hash of its token is stored.
CREATE TABLE join_link (
  hash BYTEA PRIMARY KEY NOT NULL,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organization(id),
  email TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL CHECK (role IN ('agent','supervisor','admin')),
  max_chats BIGINT NOT NULL CHECK (max_chats > 0),
  by_agent TEXT COLLATE "C" NOT NULL REFERENCES agent(id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  -- Several organizations may invite the same address: none of them may notice that another one has.
  UNIQUE (organization_id, email)
);
CREATE TABLE join_link_team (
  hash BYTEA NOT NULL REFERENCES join_link(hash) ON DELETE CASCADE,
  team_id TEXT COLLATE "C" NOT NULL REFERENCES team(id),
  PRIMARY KEY (hash, team_id)
);

-- A link for setting a new password. Only the hash of its token is stored.
CREATE TABLE reset_link (
  hash BYTEA PRIMARY KEY NOT NULL,
  agent_id TEXT COLLATE "C" NOT NULL REFERENCES agent(id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  -- Whether it was requested on the sign-in page. Such a link must not replace one that an admin created.
  self_requested BIGINT NOT NULL,
  UNIQUE (agent_id, self_requested)
);

-- An agent's board preferences, which apply on all devices.
CREATE TABLE preference (
  agent_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES agent(id),
  -- The names of the hidden columns, separated by spaces.
  hidden TEXT COLLATE "C" NOT NULL,
  dense BIGINT NOT NULL
);
CREATE TABLE saved_view (
  agent_id TEXT COLLATE "C" NOT NULL REFERENCES agent(id),
  position BIGINT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  status TEXT COLLATE "C",
  concierge_id TEXT COLLATE "C" REFERENCES concierge(id),
  search TEXT COLLATE "C" NOT NULL,
  sorted_by TEXT COLLATE "C" NOT NULL,
  reversed BIGINT NOT NULL,
  PRIMARY KEY (agent_id, position),
  UNIQUE (agent_id, name)
);

CREATE TABLE visitor (
  id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organization(id),
  token_hash BYTEA NOT NULL UNIQUE,
  -- When the token was issued, and the salt from which it was derived from the previous one (null for the first).
  token_since BIGINT NOT NULL,
  token_salt BYTEA,
  -- The previous token's hash, and until when it is valid. If null, until the current one has been used.
  previous_token_hash BYTEA UNIQUE,
  previous_token_until BIGINT,
  name TEXT COLLATE "C",
  quiet_until BIGINT,
  denials BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  name_from TEXT COLLATE "C" CHECK (name_from IN ('visitor','agent')),
  -- The email address for replies after the visitor has left, and who provided it.
  email TEXT COLLATE "C",
  email_from TEXT COLLATE "C" CHECK (email_from IN ('visitor','agent'))
);
CREATE INDEX visitor_by_last_seen ON visitor(organization_id, seen_at, id);

CREATE TABLE visit (
  id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organization(id),
  visitor_id TEXT COLLATE "C" NOT NULL REFERENCES visitor(id),
  concierge_id TEXT COLLATE "C" NOT NULL REFERENCES concierge(id),
  browser TEXT COLLATE "C" NOT NULL,
  started_at BIGINT NOT NULL,
  -- The visit's traffic source and what the browser reports about itself. Empty if unknown.
  referrer TEXT COLLATE "C" NOT NULL DEFAULT '',
  -- For example, `utm_source=news&utm_campaign=may`.
  campaign TEXT COLLATE "C" NOT NULL DEFAULT '',
  language TEXT COLLATE "C" NOT NULL DEFAULT '',
  time_zone TEXT COLLATE "C" NOT NULL DEFAULT '',
  device TEXT COLLATE "C" NOT NULL DEFAULT '' CHECK (device IN ('', 'desktop', 'phone', 'tablet'))
);
CREATE INDEX visit_of_visitor ON visit(visitor_id);

CREATE TABLE page_view (
  id BIGINT PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
  visit_id TEXT COLLATE "C" NOT NULL REFERENCES visit(id),
  at BIGINT NOT NULL,
  url TEXT COLLATE "C" NOT NULL,
  title TEXT COLLATE "C" NOT NULL
);
CREATE INDEX page_view_of_visit ON page_view(visit_id, at);

CREATE TABLE invitation (
  id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organization(id),
  visit_id TEXT COLLATE "C" NOT NULL REFERENCES visit(id),
  visitor_id TEXT COLLATE "C" NOT NULL REFERENCES visitor(id),
  by_agent TEXT COLLATE "C" NOT NULL REFERENCES agent(id),
  text TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL
    CHECK (state IN ('sent','delivered','seen','accepted','denied','expired','withdrawn','left')),
  sent_at BIGINT NOT NULL,
  delivered_at BIGINT,
  seen_at BIGINT,
  decided_at BIGINT,
  decided_by TEXT COLLATE "C" REFERENCES agent(id),
  expires_at BIGINT NOT NULL,
  quiet_until BIGINT,
  -- The visitor's answer, if it came after the invitation had ended. It does not change the state.
  late_answer TEXT COLLATE "C" CHECK (late_answer IN ('accepted','denied'))
);
CREATE UNIQUE INDEX one_open_invitation ON invitation(visit_id) WHERE state IN ('sent','delivered','seen');
CREATE INDEX invitation_of_visitor ON invitation(visitor_id);

CREATE TABLE chat (
  id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organization(id),
  visit_id TEXT COLLATE "C" NOT NULL REFERENCES visit(id),
  visitor_id TEXT COLLATE "C" NOT NULL REFERENCES visitor(id),
  team_id TEXT COLLATE "C" REFERENCES team(id),
  agent_id TEXT COLLATE "C" REFERENCES agent(id),
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('unclaimed','in_progress','ended')),
  version BIGINT NOT NULL DEFAULT 1,
  state_since BIGINT NOT NULL,
  -- When the chat entered the queue. A chat that is returned to the team goes back to this position.
  queued_since BIGINT NOT NULL,
  reserved_for TEXT COLLATE "C" REFERENCES agent(id),
  reserved_until BIGINT,
  -- The number of the last entry.
  last_seq BIGINT NOT NULL DEFAULT 0,
  visitor_delivered BIGINT NOT NULL DEFAULT 0,
  visitor_read BIGINT NOT NULL DEFAULT 0,
  agent_delivered BIGINT NOT NULL DEFAULT 0,
  agent_read BIGINT NOT NULL DEFAULT 0,
  -- The number of the visitor's messages after `agent_read`.
  unread BIGINT NOT NULL DEFAULT 0,
  end_reason TEXT COLLATE "C" CHECK (end_reason IN ('agent','visitor','silence','abandoned')),
  last_text TEXT COLLATE "C",
  last_from_visitor BIGINT,
  last_at BIGINT,
  last_word_at BIGINT NOT NULL,
  -- Whether the reservation is an offer made by the team's routing rather than one for the inviting agent.
  is_offer BIGINT NOT NULL DEFAULT 0,
  began_at BIGINT NOT NULL DEFAULT 0,
  -- When the visitor was offered the message form because no agent was free, and when they submitted it.
  form_offered_at BIGINT,
  contact_left_at BIGINT,
  -- The visitor's rating, if they gave one.
  rating TEXT COLLATE "C" CHECK (rating IN ('good', 'bad')),
  CHECK ((state = 'ended') = (end_reason IS NOT NULL)),
  CHECK (state <> 'unclaimed' OR agent_id IS NULL),
  CHECK (state <> 'in_progress' OR agent_id IS NOT NULL)
);
CREATE UNIQUE INDEX one_live_chat ON chat(visitor_id) WHERE state IN ('unclaimed','in_progress');
CREATE INDEX chat_of_visitor ON chat(visitor_id, state_since);
CREATE INDEX chat_of_agent ON chat(agent_id) WHERE state = 'in_progress';
CREATE INDEX chat_by_begin ON chat(organization_id, began_at, id);
CREATE INDEX chat_of_visit ON chat(visit_id);

CREATE TABLE entry (
  chat_id TEXT COLLATE "C" NOT NULL REFERENCES chat(id),
  seq BIGINT NOT NULL CHECK (seq > 0),
  at BIGINT NOT NULL,
  author TEXT COLLATE "C" NOT NULL CHECK (author IN ('visitor','agent','concierge')),
  author_agent TEXT COLLATE "C" REFERENCES agent(id),
  client_id TEXT COLLATE "C",
  -- Either a message's text or an event in the program's own format, such as `joined ID`.
  text TEXT COLLATE "C",
  event TEXT COLLATE "C",
  -- Orders the messages from all chats by when they were stored. In SQLite this is also the row id in the full-text
  -- index.
  search_rowid BIGINT GENERATED BY DEFAULT AS IDENTITY,
  -- If set, this entry edits or deletes the author's message with that number. A deleted message no longer has any
  -- text.
  amends_seq BIGINT,
  is_deleted BIGINT NOT NULL DEFAULT 0,
  -- A message's file, in the format `ID BYTES KIND`. Its name is the entry's text, so that it can be searched for.
  file TEXT COLLATE "C",
  PRIMARY KEY (chat_id, seq),
  UNIQUE (chat_id, client_id),
  CHECK ((text IS NULL) <> (event IS NULL))
);
CREATE UNIQUE INDEX entry_search_rowid ON entry(search_rowid);

-- Splits a message into the same words as SQLite's index does. Accents are removed, and words are separated by any
-- character that is not a letter or a digit.
CREATE FUNCTION message_words(message TEXT) RETURNS TSVECTOR LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT to_tsvector('simple'::regconfig, regexp_replace(
    regexp_replace(normalize(message, NFD) COLLATE "C", '[\u0300-\u036f]', '', 'g'),
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u2000-\u206f\u20a0-\u20cf\u2190-\u245f\u2500-\u2bff\u3000-\u3004\u3008-\u3020\uff00-\uff0f]+',
    ' ', 'g'
  ))
$$;
-- Builds the query for words separated by spaces. A message must contain all of them. If the index splits a word, the
-- word is searched for as a phrase. The last word is matched as a prefix, because it may be incomplete.
CREATE FUNCTION message_query(words TEXT) RETURNS TSQUERY LANGUAGE sql STABLE PARALLEL SAFE STRICT AS $$
  SELECT string_agg('(' || phrase || CASE WHEN number = last THEN ':*' ELSE '' END || ')', ' & ' ORDER BY number)::tsquery
  FROM (
    SELECT word.number, max(word.number) OVER () AS last, (
      SELECT string_agg(quote_literal(found.lexeme), ' <-> ' ORDER BY at)
      FROM unnest(message_words(word.letters)) AS found, unnest(found.positions) AS at
    ) AS phrase
    FROM unnest(string_to_array(words, ' ')) WITH ORDINALITY AS word(letters, number)
  ) AS phrases
$$;
CREATE INDEX message_search ON entry USING gin (message_words(text)) WHERE text IS NOT NULL;

-- The agents to whom a waiting chat has already been offered. Cleared when the chat is queued again.
CREATE TABLE offer (
  chat_id TEXT COLLATE "C" NOT NULL REFERENCES chat(id) ON DELETE CASCADE,
  agent_id TEXT COLLATE "C" NOT NULL REFERENCES agent(id),
  at BIGINT NOT NULL,
  PRIMARY KEY (chat_id, agent_id)
);

-- Notes about a chat, which only agents can see. They are not stored as entries, and no query for visitors reads this
-- table.
CREATE TABLE note (
  chat_id TEXT COLLATE "C" NOT NULL REFERENCES chat(id) ON DELETE CASCADE,
  number BIGINT NOT NULL CHECK (number > 0),
  at BIGINT NOT NULL,
  author TEXT COLLATE "C" NOT NULL REFERENCES agent(id),
  text TEXT COLLATE "C" NOT NULL,
  -- Whether the note is from an observing supervisor to the agent in the chat.
  whisper BIGINT NOT NULL,
  PRIMARY KEY (chat_id, number)
);

-- The agents who are or were in a chat: they may read it even after it went to somebody else.
CREATE TABLE chat_agent (
  chat_id TEXT COLLATE "C" NOT NULL REFERENCES chat(id) ON DELETE CASCADE,
  agent_id TEXT COLLATE "C" NOT NULL REFERENCES agent(id),
  PRIMARY KEY (chat_id, agent_id)
);
CREATE INDEX chat_agent_of_agent ON chat_agent(agent_id);

-- The organization's tags. A tag is added when it is first used.
CREATE TABLE tag (
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organization(id),
  name TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organization_id, name)
);
CREATE TABLE chat_tag (
  chat_id TEXT COLLATE "C" NOT NULL REFERENCES chat(id) ON DELETE CASCADE,
  name TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (chat_id, name)
);
CREATE INDEX chat_of_tag ON chat_tag(name);

-- Canned replies, each of which belongs to one agent, to one team, or to everyone.
CREATE TABLE reply (
  id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organization(id),
  agent_id TEXT COLLATE "C" REFERENCES agent(id),
  team_id TEXT COLLATE "C" REFERENCES team(id) ON DELETE CASCADE,
  name TEXT COLLATE "C" NOT NULL,
  text TEXT COLLATE "C" NOT NULL,
  CHECK (agent_id IS NULL OR team_id IS NULL)
);
CREATE INDEX reply_of_organization ON reply(organization_id);

-- Agents' notes about a visitor, which the visitor never sees.
CREATE TABLE visitor_note (
  id BIGINT PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
  visitor_id TEXT COLLATE "C" NOT NULL REFERENCES visitor(id),
  agent_id TEXT COLLATE "C" NOT NULL REFERENCES agent(id),
  at BIGINT NOT NULL,
  text TEXT COLLATE "C" NOT NULL
);
CREATE INDEX note_of_visitor ON visitor_note(visitor_id);

-- Blocked visitors, who cannot be invited and cannot chat.
CREATE TABLE visitor_block (
  visitor_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES visitor(id),
  by_agent TEXT COLLATE "C" NOT NULL REFERENCES agent(id),
  at BIGINT NOT NULL,
  -- Null if the block is permanent.
  until BIGINT
);

-- The audit log, which records who changed or read what. Rows are deleted when their retention period ends. They are
-- only updated to remove what identifies a deleted visitor, and addresses whose own retention period has ended.
CREATE TABLE audit (
  id BIGINT PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organization(id),
  at BIGINT NOT NULL,
  -- Null if the change was not made by an agent.
  agent_id TEXT COLLATE "C" REFERENCES agent(id),
  -- The agent's name at the time.
  agent_name TEXT COLLATE "C" NOT NULL,
  -- For example, `agent.deactivated`.
  action TEXT COLLATE "C" NOT NULL,
  -- The name of the changed item.
  target TEXT COLLATE "C" NOT NULL,
  -- The old and new values. Never contains a secret or anything that a visitor wrote.
  detail TEXT COLLATE "C" NOT NULL,
  -- The visitor whose data the line is about. Not a reference, because the line outlives the visitor: `target` and this
  -- column are then cleared.
  visitor_id TEXT COLLATE "C",
  -- Whether `target` or `detail` contains an email or IP address.
  has_address BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX audit_of_organization ON audit(organization_id, id);
CREATE INDEX audit_of_visitor ON audit(visitor_id) WHERE visitor_id IS NOT NULL;
CREATE INDEX audit_with_address ON audit(organization_id, at) WHERE has_address = 1;

-- Files sent in chats. Their contents are in a subdirectory of the server's data directory, where each file is named
-- after its id.
CREATE TABLE file (
  id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
  chat_id TEXT COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  bytes BIGINT NOT NULL CHECK (bytes > 0),
  FOREIGN KEY (chat_id, seq) REFERENCES entry(chat_id, seq)
);
CREATE UNIQUE INDEX file_of_entry ON file(chat_id, seq);

-- Files whose rows have been deleted but whose contents are still in the directory.
CREATE TABLE file_deletion_queue (
  id TEXT COLLATE "C" PRIMARY KEY NOT NULL
);
