//! Writes the demo's history: about forty chats from the last two weeks, stored the same way as real chats. Apart from
//! their dates, they are always the same.

use anyhow::Context;
use engine::{
    FileRules,
    files::Folder,
    store::{
        Actor, AnswerOutcome, AnswerTerms, NewBlock, NewChat, NewInvitation, NewMessage, PersistVisitor, Rating, Store,
    },
    traffic_source::Source,
};
use protocol::{
    Millis,
    chat::{Author, Body, EndReason},
    id::{AgentId, ChatId, ClientId, ConciergeId, InvitationId, OrganizationId, TeamId, VisitId, VisitorId},
    invitation::Answer,
    page::{Page, PageView},
};
use uuid::Uuid;

use super::{
    attachments::Attachment,
    chat_script::{BROWSERS, CONVERSATIONS, NAMES, NUISANCE, NUISANCE_NOTE, PAGES, SOURCES},
};

const MINUTE: Millis = 60_000;
const DAY: Millis = 24 * 60 * MINUTE;
const CHATS: usize = 42;
/// The number of the visitor who gets blocked for spam.
const BLOCKED: usize = 31;

/// Writes past chats. The fields hold what those chats have in common.
struct PastWriter<'a> {
    store: &'a Store,
    files: &'a Folder,
    organization: OrganizationId,
    agents: Vec<AgentId>,
    concierges: Vec<(ConciergeId, Option<TeamId>)>,
    shop: &'a str,
}

/// A visitor during a single visit, with their number in the list.
struct Guest {
    number: usize,
    visitor: VisitorId,
    visit: VisitId,
    came_at: Millis,
    remember: PersistVisitor,
    team: Option<TeamId>,
}

/// Writes the past chats.
pub(super) async fn write(
    store: &Store,
    files: &Folder,
    organization: OrganizationId,
    shop: &str,
    now: Millis,
) -> anyhow::Result<()> {
    let directory = store.directory(organization).await?;
    let writer = PastWriter {
        store,
        files,
        organization,
        agents: directory.agents.iter().map(|agent| agent.id).collect(),
        concierges: directory.concierges.iter().map(|concierge| (concierge.id, concierge.settings.team)).collect(),
        shop,
    };
    for number in 0..CHATS {
        // Spread the chats over the days and their working hours.
        let back = DAY * 14 * Millis::try_from(CHATS - number)? / Millis::try_from(CHATS)?;
        let came_at = now - back + Millis::try_from(number * 37 % 240)? * MINUTE - 4 * 60 * MINUTE;
        writer.visit(number, came_at).await.with_context(|| format!("failed to write past chat {number}"))?;
    }
    Ok(())
}

impl PastWriter<'_> {
    async fn visit(&self, number: usize, came_at: Millis) -> anyhow::Result<()> {
        let (concierge, team) = self.concierges[usize::from(number % 4 == 3) % self.concierges.len()];
        let mut token_hash = [0xD0; 32];
        token_hash[0] = u8::try_from(number)?;
        let browser = BROWSERS[number % BROWSERS.len()].to_owned();
        let (entry_info, address, languages, device) = SOURCES[number % SOURCES.len()];
        let source = Source::read(entry_info, address, languages, device);
        let remember = PersistVisitor { token_hash, concierge, browser, source, started_at: came_at };
        let (visitor, visit) = (VisitorId(Uuid::now_v7()), VisitId(Uuid::now_v7()));
        let guest = Guest { number, visitor, visit, came_at, remember, team };
        let Some(chat) = self.begin_chat(&guest).await? else { return Ok(()) };
        self.browse_pages(&guest).await?;
        if number % 9 == 5 {
            return self.end_chat(chat, EndReason::Abandoned, came_at + 9 * MINUTE).await;
        }
        self.hold_conversation(&guest, chat).await
    }

    /// Starts a chat, either by invitation or at the visitor's request. Returns `None` if the invitation was denied.
    async fn begin_chat(&self, guest: &Guest) -> anyhow::Result<Option<ChatId>> {
        let Guest { number, visitor, visit, came_at, .. } = *guest;
        let (store, organization, remember) = (self.store, self.organization, guest.remember.clone());
        if number % 3 == 0 {
            let new = NewChat {
                id: ChatId(Uuid::now_v7()),
                organization,
                visit,
                visitor,
                team: guest.team,
                now: came_at + 3 * MINUTE,
                remember,
            };
            return Ok(Some(store.request_chat(new).await?.0.id));
        }
        let sent_at = came_at + 2 * MINUTE;
        let invitation = NewInvitation {
            id: InvitationId(Uuid::now_v7()),
            organization,
            visit,
            visitor,
            by: self.agent(number),
            text: "Hi! Can I help you find something?".into(),
            now: sent_at,
            expires_at: sent_at + 10 * MINUTE,
            remember,
        };
        let sent = store.invite(invitation).await?;
        let terms = AnswerTerms {
            quiet_until: sent_at + 30 * MINUTE,
            quiet_until_after_two: sent_at + DAY,
            reserved_until: sent_at + MINUTE,
        };
        let answer = if number % 11 == 4 { Answer::Deny } else { Answer::Accept };
        match store.answer(sent.id, visitor, answer, sent_at + MINUTE, terms).await? {
            AnswerOutcome::Accepted { chat, .. } => Ok(Some(chat.id)),
            AnswerOutcome::Denied { .. } | AnswerOutcome::Same(_) => Ok(None),
        }
    }

    async fn browse_pages(&self, guest: &Guest) -> anyhow::Result<()> {
        let pages = (0..=guest.number % 4).map(|step| {
            let (path, title) = PAGES[(guest.number + step) % PAGES.len()];
            let url = format!("{}{path}", self.shop);
            let page = Page { url, title: format!("{title} · {}", super::chat_script::ORGANIZATION) };
            (guest.visit, PageView { page, at: guest.came_at + Millis::try_from(step).unwrap_or(0) * MINUTE })
        });
        Ok(self.store.add_pages(pages.collect()).await?)
    }

    async fn hold_conversation(&self, guest: &Guest, chat: ChatId) -> anyhow::Result<()> {
        let (number, agent) = (guest.number, self.agent(guest.number));
        let conversation = if number == BLOCKED { &NUISANCE } else { &CONVERSATIONS[number % CONVERSATIONS.len()] };
        let at = |minutes: Millis| guest.came_at + (4 + minutes) * MINUTE;
        self.store.claim(chat, self.organization, agent, at(0), at(0)).await?;
        self.send_text(chat, Author::Visitor, conversation.question, at(1)).await?;
        self.send_attachment(chat, Author::Visitor, conversation.sent, at(1)).await?;
        self.send_text(chat, Author::Agent(agent), conversation.answer, at(2)).await?;
        self.send_attachment(chat, Author::Agent(agent), conversation.given, at(2)).await?;
        self.send_text(chat, Author::Visitor, conversation.thanks, at(4)).await?;
        self.store.add_tag(self.organization, chat, conversation.tag.to_owned()).await?;
        let by = Actor { organization: self.organization, agent: Some(agent), name: "The demo".into() };
        if number == BLOCKED {
            self.store.note_on_visitor(by.clone(), guest.visitor, NUISANCE_NOTE.to_owned(), at(5)).await?;
            let block = NewBlock { visitor: guest.visitor, here: None, until: Some(at(6) + 30 * DAY), now: at(6) };
            self.store.block(by, block).await?;
            return Ok(());
        }
        if let Some(name) = NAMES[number % NAMES.len()] {
            self.store.name_visitor(by, guest.visitor, Some(name.to_owned()), None, at(5)).await?;
        }
        let reason = [EndReason::Agent, EndReason::Visitor, EndReason::Agent, EndReason::Silence][number % 4];
        self.end_chat(chat, reason, at(7)).await?;
        // Every other visitor rates the chat.
        if number % 2 == 0 {
            let rating = if number % 10 == 6 { Rating::Bad } else { Rating::Good };
            self.store.rate(guest.visitor, rating, at(8)).await?;
        }
        Ok(())
    }

    async fn send_text(&self, chat: ChatId, author: Author, text: &str, now: Millis) -> anyhow::Result<()> {
        let (organization, client_id, text) = (self.organization, ClientId(Uuid::now_v7()), text.to_owned());
        self.store
            .send_message(NewMessage { organization, chat, author, client_id, body: Body::Text(text), now })
            .await?;
        Ok(())
    }

    async fn send_attachment(
        &self,
        chat: ChatId,
        author: Author,
        file: Option<Attachment>,
        now: Millis,
    ) -> anyhow::Result<()> {
        let Some(file) = file else { return Ok(()) };
        let (organization, client_id) = (self.organization, ClientId(Uuid::now_v7()));
        let body = Body::File(file.place(self.files).await.map_err(|refusal| anyhow::anyhow!("{}", refusal.code()))?);
        let new = NewMessage { organization, chat, author, client_id, body, now };
        self.store.send_file(new, FileRules::default()).await?;
        Ok(())
    }

    async fn end_chat(&self, chat: ChatId, reason: EndReason, at: Millis) -> anyhow::Result<()> {
        self.store.end_chat(chat, self.organization, reason, at).await?;
        Ok(())
    }

    fn agent(&self, number: usize) -> AgentId {
        self.agents[number % self.agents.len()]
    }
}

#[cfg(test)]
mod tests {
    use engine::{
        read_scope::ReadScope,
        store::{HistoryFilter, Outcome, Rating},
    };

    use super::*;
    use crate::server::config::Config;

    fn held(folder: &std::path::Path) -> usize {
        std::fs::read_dir(folder).expect("the directory exists").count()
    }

    #[tokio::test]
    async fn demo_history_can_be_searched() {
        let folder = tempfile::tempdir().expect("a temporary directory is created");
        let mut config = Config::parse("", &|_| None).expect("an empty configuration is valid");
        config.data = folder.path().to_owned();
        crate::demo::seed::seed_database(&config, "http://127.0.0.1:4000").await.expect("the demo is seeded");
        let store = Store::open(&config.database()).await.expect("the database opens");
        let organization = store.first_organization().await.expect("the query works").expect("one organization");
        let all = HistoryFilter::all(organization, ReadScope::All);
        let found = async |filter: HistoryFilter| store.history(filter, None, 100).await.expect("search works").len();
        assert!((36..=CHATS).contains(&found(all.clone()).await), "some invitations were denied");
        assert!(found(HistoryFilter { words: "cabin luggage".into(), ..all.clone() }).await > 2);
        assert!(found(HistoryFilter { outcome: Some(Outcome::Abandoned), ..all.clone() }).await > 1);
        let rated = async |rating| found(HistoryFilter { rating: Some(rating), ..all.clone() }).await;
        assert!(rated(Rating::Good).await > rated(Rating::Bad).await && rated(Rating::Bad).await > 0);
        assert_eq!(found(HistoryFilter { outcome: Some(Outcome::Live), ..all.clone() }).await, 0);
        let nuisance = store.history(HistoryFilter { tag: Some("spam".into()), ..all.clone() }, None, 2).await;
        let [nuisance] = &nuisance.expect("search works")[..] else { panic!("exactly one chat is spam") };
        let held_up = store.block_of(nuisance.visitor, engine::clock::now()).await.expect("the database is readable");
        assert!(held_up.is_some(), "the spammer is blocked");
        let known = store.known_files().await.expect("the database is readable");
        assert!(known.len() > 4 && known.len() == held(&config.files()), "every file sent in a chat is stored");
        let avatars = store.known_avatars().await.expect("the database is readable");
        assert!(avatars.len() == 2 && avatars.len() == held(&config.avatars()), "every avatar is stored");
    }
}
