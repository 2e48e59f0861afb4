-- How agents work: availability, routing, notes, tags, canned replies.

-- Null while he takes chats.
ALTER TABLE agent ADD COLUMN away TEXT CHECK (away IN ('break','lunch','meeting','other','idle'));
-- His own words, when the reason is another.
ALTER TABLE agent ADD COLUMN away_words TEXT;
ALTER TABLE agent ADD COLUMN away_since INTEGER;

ALTER TABLE team ADD COLUMN routing TEXT NOT NULL DEFAULT 'everyone'
  CHECK (routing IN ('everyone','round_robin','least_busy'));
-- When a chat of the team was last offered to him: whose turn it is.
ALTER TABLE team_agent ADD COLUMN offered_at INTEGER NOT NULL DEFAULT 0;
-- The reservation is an offer of the team's routing, not the inviter's.
ALTER TABLE chat ADD COLUMN offered INTEGER NOT NULL DEFAULT 0;

-- To whom a chat that waits was offered already; emptied when it waits anew.
CREATE TABLE offer (
  chat_id TEXT NOT NULL REFERENCES chat(id) ON DELETE CASCADE,
  agent_id TEXT NOT NULL REFERENCES agent(id),
  at INTEGER NOT NULL,
  PRIMARY KEY (chat_id, agent_id)
) STRICT;

-- What agents write to each other beside a chat. Never an entry: no way to a visitor reads this table.
CREATE TABLE note (
  chat_id TEXT NOT NULL REFERENCES chat(id) ON DELETE CASCADE,
  number INTEGER NOT NULL CHECK (number > 0),
  at INTEGER NOT NULL,
  author TEXT NOT NULL REFERENCES agent(id),
  text TEXT NOT NULL,
  -- For the agent in the chat, from whoever reads along.
  whisper INTEGER NOT NULL,
  PRIMARY KEY (chat_id, number)
) STRICT;

-- The organization's tags: they come by use.
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

-- Canned replies: of one agent, of one team, or of everyone.
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
