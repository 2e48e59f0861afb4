//! Concierges: the placements of the widget.

use protocol::{
    concierge::{Look, Privacy, Side},
    id::{ConciergeId, ConciergeKey, OrganizationId, TeamId},
    words::Language,
};
use sqlx::{Row as _, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    Result, Store,
    row::{id, optional_id},
};

/// A concierge to be added.
#[derive(Clone, Debug)]
pub struct NewConcierge {
    /// Whose.
    pub organization: OrganizationId,
    /// The key of its embed line.
    pub key: ConciergeKey,
    /// Its name on the board.
    pub name: String,
    /// The origins it serves.
    pub sites: Vec<String>,
    /// The team its chats go to; none: everybody.
    pub team: Option<TeamId>,
    /// How it looks and speaks.
    pub look: Look,
    /// What may be kept in the browser.
    pub privacy: Privacy,
    /// What an invitation is pre-filled with.
    pub invitation: String,
}

/// A concierge.
#[derive(Clone, Debug)]
pub struct ConciergeRecord {
    /// Which.
    pub id: ConciergeId,
    /// Whose.
    pub organization: OrganizationId,
    /// The key of its embed line.
    pub key: ConciergeKey,
    /// Its name on the board.
    pub name: String,
    /// The origins it serves.
    pub sites: Vec<String>,
    /// The team its chats go to; none: everybody.
    pub team: Option<TeamId>,
    /// How it looks and speaks.
    pub look: Look,
    /// What may be kept in the browser.
    pub privacy: Privacy,
    /// What an invitation is pre-filled with.
    pub invitation: String,
    /// It serves nobody for now.
    pub paused: bool,
}

macro_rules! concierges {
    ($which:literal) => {
        concat!(
            "SELECT id, organization_id, key, name, sites, team_id, title, greeting, colour, side, language, privacy, \
             invitation, paused FROM concierge ",
            $which
        )
    };
}

impl Store {
    /// Adds a concierge. A key that exists already is a failure.
    pub async fn add_concierge(&self, new: NewConcierge) -> Result<ConciergeId> {
        let id = ConciergeId(Uuid::now_v7());
        self.write(move |db| {
            Box::pin(async move {
                sqlx::query(
                    "INSERT INTO concierge (id, organization_id, key, name, sites, team_id, title, greeting, colour, \
                     side, language, privacy, invitation) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                )
                .bind(id.to_string())
                .bind(new.organization.to_string())
                .bind(new.key.0)
                .bind(new.name)
                .bind(new.sites.join("\n"))
                .bind(new.team.map(|team| team.to_string()))
                .bind(new.look.title)
                .bind(new.look.greeting)
                .bind(new.look.colour)
                .bind(new.look.side.as_str())
                .bind(new.look.language.tag())
                .bind(new.privacy.as_str())
                .bind(new.invitation)
                .execute(db)
                .await?;
                Ok(id)
            })
        })
        .await
    }

    /// The concierge of an embed line.
    pub async fn concierge_by_key(&self, key: &ConciergeKey) -> Result<Option<ConciergeRecord>> {
        let row = sqlx::query(concierges!("WHERE key = $1")).bind(&key.0).fetch_optional(&self.inner.readers).await?;
        row.as_ref().map(concierge).transpose()
    }

    pub(super) async fn concierges(&self, organization: OrganizationId) -> Result<Vec<ConciergeRecord>> {
        let rows = sqlx::query(concierges!("WHERE organization_id = $1 ORDER BY name"))
            .bind(organization.to_string())
            .fetch_all(&self.inner.readers)
            .await?;
        rows.iter().map(concierge).collect()
    }
}

fn concierge(row: &SqliteRow) -> Result<ConciergeRecord> {
    let sites: &str = row.try_get("sites")?;
    Ok(ConciergeRecord {
        id: id(row, "id")?,
        organization: id(row, "organization_id")?,
        key: ConciergeKey(row.try_get("key")?),
        name: row.try_get("name")?,
        sites: sites.lines().map(str::to_owned).collect(),
        team: optional_id(row, "team_id")?,
        look: Look {
            title: row.try_get("title")?,
            greeting: row.try_get("greeting")?,
            colour: row.try_get("colour")?,
            side: if row.try_get::<&str, _>("side")? == Side::Left.as_str() { Side::Left } else { Side::Right },
            language: Language::from_tag(row.try_get("language")?),
        },
        privacy: Privacy::from_word(row.try_get("privacy")?),
        invitation: row.try_get("invitation")?,
        paused: row.try_get("paused")?,
    })
}
