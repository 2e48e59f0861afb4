//! A small mail server: it speaks SMTP over a real socket, answers as it is told, and keeps what it takes.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
};

use crate::waiting::soon;

/// A mail that was taken.
#[derive(Debug)]
pub(crate) struct Mail {
    /// The address of the envelope.
    pub(crate) to: String,
    /// Up to the empty line.
    pub(crate) head: String,
    /// What follows, lines ended by `\n`.
    pub(crate) body: String,
}

impl Mail {
    /// The path of the link in it.
    pub(crate) fn link(&self, origin: &str) -> String {
        let path = self.body.split(origin).nth(1).expect("a link");
        path.lines().next().unwrap().to_owned()
    }
}

/// The mail server.
pub(crate) struct PostOffice {
    port: u16,
    mails: mpsc::UnboundedReceiver<Mail>,
    answers: Arc<Mutex<VecDeque<&'static str>>>,
}

impl PostOffice {
    pub(crate) async fn opens() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (takes, mails) = mpsc::unbounded_channel();
        let answers = Arc::<Mutex<VecDeque<&'static str>>>::default();
        let said = Arc::clone(&answers);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serves(socket, Arc::clone(&said), takes.clone()));
            }
        });
        Self { port, mails, answers }
    }

    /// `[mail]` for a house that mails by it.
    pub(crate) fn settings(&self) -> String {
        let url = format!("smtp://jumpin:a%40secret@127.0.0.1:{}", self.port);
        format!("[mail]\nurl = \"{url}\"\nfrom = \"Jump-In <chat@house.test>\"\nagain-after = [20, 40, 60]\n")
    }

    /// The next recipients are answered so, each once.
    pub(crate) fn answers(&self, all: &[&'static str]) {
        self.answers.lock().unwrap().extend(all);
    }

    /// The next mail that is taken.
    pub(crate) async fn takes(&mut self) -> Mail {
        soon("a mail", self.mails.recv()).await.unwrap()
    }

    /// Nothing was taken that was not asked for.
    pub(crate) fn is_empty(&mut self) -> bool {
        self.mails.try_recv().is_err()
    }
}

async fn serves(
    socket: TcpStream,
    answers: Arc<Mutex<VecDeque<&'static str>>>,
    takes: mpsc::UnboundedSender<Mail>,
) -> Option<()> {
    let (reads, mut writes) = socket.into_split();
    let mut lines = BufReader::new(reads).lines();
    says(&mut writes, "220 office.test").await?;
    let mut to = String::new();
    while let Some(line) = lines.next_line().await.ok()? {
        let verb = line.split_whitespace().next().unwrap_or_default().to_uppercase();
        let answer = match verb.as_str() {
            "EHLO" => "250-office.test\r\n250 AUTH PLAIN",
            // NUL, jumpin, NUL, a@secret.
            "AUTH" if line.ends_with(" AGp1bXBpbgBhQHNlY3JldA==") => "235 welcome",
            "AUTH" => "535 no",
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                answers.lock().unwrap().pop_front().unwrap_or("250 ok")
            }
            "DATA" => {
                says(&mut writes, "354 go on").await?;
                let (head, body) = reads_mail(&mut lines).await?;
                takes.send(Mail { to: to.clone(), head, body }).ok()?;
                "250 taken"
            }
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        says(&mut writes, answer).await?;
    }
    Some(())
}

async fn says(writes: &mut OwnedWriteHalf, line: &str) -> Option<()> {
    writes.write_all(format!("{line}\r\n").as_bytes()).await.ok()
}

/// Up to the line that is a dot; a dot more at the beginning of a line is the transport's.
async fn reads_mail(lines: &mut Lines<BufReader<OwnedReadHalf>>) -> Option<(String, String)> {
    let mut mail = String::new();
    loop {
        match lines.next_line().await.ok()??.as_str() {
            "." => break,
            line => mail.extend([line.strip_prefix('.').unwrap_or(line), "\n"]),
        }
    }
    let (head, body) = mail.split_once("\n\n")?;
    Some((head.to_owned(), body.to_owned()))
}
