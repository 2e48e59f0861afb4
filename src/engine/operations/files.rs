//! Files in chats: sent by either side, kept before anybody is told, and opened by those who may open the chat.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use protocol::{
    chat::{Author, Body, ChatState, Entry},
    file::{FileCard, clean_name},
    id::{ChatId, ClientId, FileId, VisitorToken},
    refusal::Refusal,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use super::{Engine, arrivals::hash, messages::VisitorContext, refusal};
use crate::{
    clock,
    files::{Folder, Kind, PartialFile},
    hub::VisitKey,
    permission::Permission,
    sessions::Principal,
    store::{NewMessage, StoreError, StoredMessage, VisitorRecord},
};

/// On their way in at once: from everybody, and from one person.
const MAX_UPLOADS: usize = 64;
const MAX_UPLOADS_PER_SENDER: u32 = 3;
/// Who was turned away for that may try again after so many seconds.
const RETRY_AFTER: u32 = 5;

/// Where files are, and who is sending some.
pub(super) struct Files {
    pub(super) folder: Folder,
    permits: Arc<Semaphore>,
    senders: Arc<Mutex<HashMap<Uuid, u32>>>,
}

/// A file that was sent, as it stands in its chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentFile {
    /// In which chat.
    pub chat: ChatId,
    /// The entry.
    pub entry: Entry,
}

/// What comes of the wish to send a file.
pub enum UploadStart {
    /// It stands there already: it came before under the same name.
    AlreadySent(SentFile),
    /// It may come.
    Accepted(Box<FileUpload>),
}

/// A file on its way in. When this is dropped before its end, nothing is left of it.
pub struct FileUpload {
    engine: Engine,
    part: PartialFile,
    from: Sender,
    client_id: ClientId,
    name: String,
    _guard: UploadPermit,
}

enum Sender {
    Visitor(VisitorContext),
    Agent(Principal, ChatId),
}

/// A file to be handed out.
pub struct StoredFile {
    /// What is said of it.
    pub card: FileCard,
    /// What it is.
    pub kind: Kind,
    /// What is in it.
    pub content: tokio::fs::File,
    /// How many bytes that are.
    pub bytes: u64,
}

/// One of those who send at once, until this is dropped.
struct UploadPermit {
    senders: Arc<Mutex<HashMap<Uuid, u32>>>,
    who: Uuid,
    _permit: OwnedSemaphorePermit,
}

impl Files {
    pub(super) fn new(folder: Folder) -> Self {
        Self { folder, permits: Arc::new(Semaphore::new(MAX_UPLOADS)), senders: Arc::default() }
    }

    fn acquire_upload(&self, who: Uuid) -> Result<UploadPermit, Refusal> {
        let full = Refusal::TooMany { retry_after: RETRY_AFTER };
        let permit = Arc::clone(&self.permits).try_acquire_owned().map_err(|_| full.clone())?;
        let mut senders = lock(&self.senders);
        let sends = senders.entry(who).or_default();
        if *sends >= MAX_UPLOADS_PER_SENDER {
            return Err(full);
        }
        *sends += 1;
        drop(senders);
        Ok(UploadPermit { senders: Arc::clone(&self.senders), who, _permit: permit })
    }
}

impl Drop for UploadPermit {
    fn drop(&mut self) {
        let mut senders = lock(&self.senders);
        if let Some(sends) = senders.get_mut(&self.who) {
            *sends -= 1;
            if *sends == 0 {
                senders.remove(&self.who);
            }
        }
    }
}

fn lock(senders: &Mutex<HashMap<Uuid, u32>>) -> MutexGuard<'_, HashMap<Uuid, u32>> {
    senders.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine {
    /// A visitor wishes to send a file. Without a live chat it asks for a person as well, as a message does.
    ///
    /// # Errors
    /// `NotSignedIn` for a token that is nobody's; `TooMany`, `FilesFull`; `Reused`; `NotFound` when he is not on the site.
    pub async fn begin_visitor_upload(
        &self,
        token: &VisitorToken,
        client_id: ClientId,
        name: &str,
    ) -> Result<UploadStart, Refusal> {
        let record = self.visitor_of(token).await?.ok_or(Refusal::NotSignedIn)?;
        let context = self.context(&record).await?;
        if let Some(chat) = self.store().chat_of_message(context.visitor, client_id).await.map_err(refusal)? {
            return self.find_sent_file(chat, client_id, Author::Visitor, name).await.map(UploadStart::AlreadySent);
        }
        let now = clock::now();
        if let Some(chat) = self.store().live_chat_of(context.visitor, now).await.map_err(refusal)? {
            let limits = self.settings().file_rules;
            self.store().check_upload_quota(chat.id, context.visitor, limits, now).await.map_err(refusal)?;
        }
        self.incoming(Sender::Visitor(context), client_id, name).await
    }

    /// An agent wishes to send a file into a chat of his.
    ///
    /// # Errors
    /// `NotFound`; `Changed` when he is not in the chat; `ChatEnded`; `TooMany`; `Reused`.
    pub async fn begin_agent_upload(
        &self,
        me: &Principal,
        chat: ChatId,
        client_id: ClientId,
        name: &str,
    ) -> Result<UploadStart, Refusal> {
        me.may(Permission::Chat)?;
        let record = self.chat_of(me, chat).await?;
        if let Some(chat) = self.store().chat_of_message(record.visitor, client_id).await.map_err(refusal)? {
            return self
                .find_sent_file(chat, client_id, Author::Agent(me.agent), name)
                .await
                .map(UploadStart::AlreadySent);
        }
        if record.state == ChatState::Ended {
            return Err(Refusal::ChatEnded);
        }
        if record.agent != Some(me.agent) {
            return Err(Refusal::ChatChanged { agent: record.agent });
        }
        self.incoming(Sender::Agent(me.clone(), chat), client_id, name).await
    }

    /// What came before under the name that its sender gave it.
    async fn find_sent_file(
        &self,
        chat: ChatId,
        client_id: ClientId,
        author: Author,
        name: &str,
    ) -> Result<SentFile, Refusal> {
        let entry =
            self.store().entry_by_client_id(chat, client_id).await.map_err(refusal)?.ok_or(Refusal::NotFound)?;
        // By its content another ending may have been put behind its name.
        let is_same = matches!(&entry.body, Body::File(card) if card.name().starts_with(&clean_name(name)));
        if is_same && entry.author == author { Ok(SentFile { chat, entry }) } else { Err(Refusal::ClientIdReused) }
    }

    async fn incoming(&self, from: Sender, client_id: ClientId, name: &str) -> Result<UploadStart, Refusal> {
        let who = match &from {
            Sender::Visitor(context) => context.visitor.0,
            Sender::Agent(me, _) => me.agent.0,
        };
        let permit = self.inner.files.acquire_upload(who)?;
        let part = self.inner.files.folder.begin().await?;
        let (engine, name) = (self.clone(), clean_name(name));
        Ok(UploadStart::Accepted(Box::new(FileUpload { engine, part, from, client_id, name, _guard: permit })))
    }

    /// A file of one of the visitor's own chats.
    ///
    /// # Errors
    /// `NotFound` for another's, for what is gone, and for a token that is nobody's: the same answer.
    pub async fn file_for_visitor(&self, token: &VisitorToken, file: FileId) -> Result<StoredFile, Refusal> {
        let visitor = self.visitor_of(token).await?.ok_or(Refusal::NotFound)?.id;
        let card = self.store().file_of_visitor(visitor, file).await.map_err(refusal)?.ok_or(Refusal::NotFound)?;
        self.open_stored_file(file, card).await
    }

    /// A file of a chat that an agent may open, in a window or in the history.
    ///
    /// # Errors
    /// `NotFound` for one that he may not open, and for what is gone: the same answer.
    pub async fn file(&self, me: &Principal, file: FileId) -> Result<StoredFile, Refusal> {
        let found = self.store().file(me.organization, file).await.map_err(refusal)?;
        let (chat, card) = found.ok_or(Refusal::NotFound)?;
        if self.chat_to_read(me, chat).await.is_err() {
            self.past_chat(me, chat).await?;
        }
        self.open_stored_file(file, card).await
    }

    async fn open_stored_file(&self, file: FileId, card: FileCard) -> Result<StoredFile, Refusal> {
        let kind = Kind::from_word(card.kind()).ok_or(Refusal::NotFound)?;
        let (content, bytes) = self.inner.files.folder.open(file).await?.ok_or(Refusal::NotFound)?;
        Ok(StoredFile { card, kind, content, bytes })
    }

    pub(super) async fn visitor_of(&self, token: &VisitorToken) -> Result<Option<VisitorRecord>, Refusal> {
        self.store().visitor_by_token(hash(token)).await.map_err(refusal)
    }

    /// A visitor who is on the site, whichever of his tabs speaks.
    async fn context(&self, record: &VisitorRecord) -> Result<VisitorContext, Refusal> {
        let (organization, visitor) = (record.organization, record.id);
        let facts = self.hub(organization).visit_info(VisitKey::Visitor(visitor)).await.ok_or(Refusal::NotFound)?;
        let concierge = self.store().concierge(organization, facts.concierge).await.map_err(refusal)?;
        let team = concierge.ok_or(Refusal::NotFound)?.settings.team;
        Ok(VisitorContext { organization, visitor, team, address: None })
    }

    /// Takes out of the folder what no row names any more.
    pub(super) async fn clear_files(&self) -> Result<(), StoreError> {
        let gone = self.store().files_to_delete().await?;
        if gone.is_empty() {
            return Ok(());
        }
        let removed = self.inner.files.folder.remove(gone).await;
        self.store().confirm_files_deleted(removed).await
    }

    /// At the start: what was on its way in, or should have gone, when the server stopped.
    pub(super) async fn sweep_files(&self) -> Result<(), StoreError> {
        self.clear_files().await?;
        let known: HashSet<FileId> = self.store().known_files().await?;
        let folder = self.inner.files.folder.clone();
        match tokio::task::spawn_blocking(move || folder.sweep(&known)).await {
            Ok(Ok(0)) => {}
            Ok(Ok(files)) => tracing::info!(files, "files that no chat names were removed"),
            Ok(Err(error)) => tracing::error!(%error, "the folder of files could not be looked through"),
            Err(error) => tracing::error!(%error, "the folder of files could not be looked through"),
        }
        Ok(())
    }
}

impl FileUpload {
    /// The largest that it may be, bytes.
    pub fn limit(&self) -> u64 {
        self.engine.settings().file_rules.max_file_bytes
    }

    /// The next bytes.
    ///
    /// # Errors
    /// `FileTooLarge` as soon as they are too many; `StorageFull`, `Unexpected`.
    pub async fn take(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let limit = self.limit();
        if self.part.bytes() + bytes.len() as u64 > limit {
            return Err(Refusal::FileTooLarge { limit });
        }
        self.part.write(bytes).await.map(drop)
    }

    /// It is whole: it is looked at, put on the disk, and then said.
    ///
    /// # Errors
    /// `Empty`, `FileRefused`, `ImageTooLarge`; those of a message; `TooMany` and `FilesFull`.
    pub async fn end(self) -> Result<SentFile, Refusal> {
        // Whoever waits for it may go: what has begun here is done to its end.
        tokio::spawn(self.store_and_post()).await.map_err(|_| Refusal::Unexpected)?
    }

    async fn store_and_post(self) -> Result<SentFile, Refusal> {
        let Self { engine, part, from, client_id, name, _guard } = self;
        let folder = &engine.inner.files.folder;
        // One at a time: to be looked through a file is read whole, and strangers send 64 at once.
        let looking = engine.inner.decode_lock.lock().await;
        let (id, bytes, kind, name) = folder.place(part, name, engine.settings().file_rules.keep_metadata).await?;
        drop(looking);
        let body = Body::File(FileCard::new(id, bytes, kind.as_str(), &name));
        let said = match from {
            Sender::Visitor(context) => engine.post_as_visitor(context, client_id, body).await.map(|(_, said)| said),
            Sender::Agent(me, chat) => engine.post_as_agent(&me, chat, client_id, body).await,
        };
        // It was refused, or another had come before it under the same name. When that cannot be known, the next start knows.
        let is_fresh = said.as_ref().is_ok_and(|said| said.fresh);
        if !is_fresh && engine.store().has_file(id).await.is_ok_and(|known| !known) {
            folder.remove(vec![id]).await;
        }
        said.map(|said| SentFile { chat: said.chat.id, entry: said.entry })
    }
}

impl Engine {
    /// Stores what somebody says: a file within its limits, a text as it is.
    pub(super) async fn store_message(&self, new: NewMessage) -> Result<StoredMessage, Refusal> {
        let said = match new.body {
            Body::File(_) => self.store().send_file(new, self.settings().file_rules).await,
            _ => self.store().send_message(new).await,
        };
        said.map_err(refusal)
    }
}
