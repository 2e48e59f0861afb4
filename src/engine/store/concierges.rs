//! Concierges, which are the places where the widget appears.

use protocol::{
    Millis,
    concierge::{InvitationTemplate, Look, Privacy, Side},
    i18n,
    id::{ConciergeId, ConciergeKey, OrganizationId, TeamId},
    language::Language,
    opening_hours::OpeningHours,
    refusal::Refusal,
};
use uuid::Uuid;

use super::{
    Actor, Result, Store, audit,
    row::{id, optional_id, unreadable},
    sql::{self, Db, Row},
};

/// A concierge's editable settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConciergeSettings {
    /// The name shown on the board.
    pub name: String,
    /// The origins that the concierge serves. If empty, it serves any origin.
    pub sites: Vec<String>,
    /// The team that receives its chats (`None` if any agent can take them).
    pub team: Option<TeamId>,
    /// The widget's appearance and language.
    pub look: Look,
    /// What may be stored in the browser.
    pub privacy: Privacy,
    /// The default text of an invitation.
    pub invitation: String,
    /// Alternative wording for an invitation.
    pub templates: Vec<InvitationTemplate>,
    /// When the team is available.
    pub opening_hours: OpeningHours,
    /// When and where visitors are not invited.
    pub invitation_policy: InvitationPolicy,
}

/// When and where a concierge does not invite visitors, in addition to the server's settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvitationPolicy {
    /// How long a visitor is not invited after denying an invitation, in milliseconds. If `None`, the server's setting
    /// applies.
    pub quiet_after_deny: Option<u64>,
    /// How long a visitor is not invited after leaving an invitation unanswered, in milliseconds. If `None`, the
    /// server's setting applies.
    pub quiet_after_unanswered: Option<u64>,
    /// The page paths on which no prompt may appear. See [`protocol::invitation_policy::is_excluded`].
    pub excluded_paths: Vec<String>,
}

impl ConciergeSettings {
    /// Returns the default settings of a new concierge.
    pub fn named(name: &str, language: Language) -> Self {
        Self {
            name: name.into(),
            sites: Vec::new(),
            team: None,
            look: Look {
                title: name.into(),
                greeting: i18n::first_greeting(language).into(),
                color: "#2f5bd7".into(),
                side: Side::Right,
                language,
            },
            privacy: Privacy::Essential,
            invitation: i18n::first_invitation(language).into(),
            templates: first_templates(language),
            opening_hours: OpeningHours::default(),
            invitation_policy: InvitationPolicy::default(),
        }
    }
}

/// Returns the default invitation templates of a new concierge.
pub fn first_templates(language: Language) -> Vec<InvitationTemplate> {
    i18n::first_templates(language)
        .map(|(name, words)| InvitationTemplate { name: name.into(), body: words.into() })
        .into()
}

/// A new concierge.
#[derive(Clone, Debug)]
pub struct NewConcierge {
    /// The organization that the concierge belongs to.
    pub organization: OrganizationId,
    /// The key in its embed code.
    pub key: ConciergeKey,
    /// The editable settings.
    pub settings: ConciergeSettings,
}

/// A stored concierge.
#[derive(Clone, Debug)]
pub struct ConciergeRecord {
    /// The concierge's id.
    pub id: ConciergeId,
    /// The organization that the concierge belongs to.
    pub organization: OrganizationId,
    /// The key in its embed code, which never changes.
    pub key: ConciergeKey,
    /// Whether the concierge is paused. A paused concierge serves no visitors.
    pub paused: bool,
    /// The editable settings.
    pub settings: ConciergeSettings,
}

impl Store {
    /// Adds a concierge. Returns a database error if the key is already taken.
    pub async fn add_concierge(&self, new: NewConcierge) -> Result<ConciergeId> {
        self.write(move |db| Box::pin(async move { add(db, new).await })).await
    }

    /// Returns the concierge with the key from an embed code.
    pub async fn concierge_by_key(&self, key: &ConciergeKey) -> Result<Option<ConciergeRecord>> {
        let row = sql::query("SELECT * FROM concierge WHERE key = $1")
            .bind(&key.0)
            .fetch_optional(&self.inner.readers)
            .await?;
        self.with_templates(row.as_slice()).await.map(|found| found.into_iter().next())
    }

    /// Returns a concierge if it belongs to the organization.
    pub async fn concierge(
        &self,
        organization: OrganizationId,
        concierge: ConciergeId,
    ) -> Result<Option<ConciergeRecord>> {
        let row = sql::query("SELECT * FROM concierge WHERE id = $1 AND organization_id = $2")
            .bind(concierge.to_string())
            .bind(organization.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        self.with_templates(row.as_slice()).await.map(|found| found.into_iter().next())
    }

    /// Returns an organization's concierges, sorted by name.
    pub async fn concierges(&self, organization: OrganizationId) -> Result<Vec<ConciergeRecord>> {
        let rows = sql::query("SELECT * FROM concierge WHERE organization_id = $1 ORDER BY name, id")
            .bind(organization.to_string())
            .fetch_all(&self.inner.readers)
            .await?;
        self.with_templates(&rows).await
    }

    /// Adds a concierge on behalf of an admin and records it in the audit log.
    pub async fn create_concierge(
        &self,
        by: Actor,
        key: ConciergeKey,
        to: ConciergeSettings,
        now: Millis,
    ) -> Result<ConciergeId> {
        self.write(move |db| {
            Box::pin(async move {
                let name = to.name.clone();
                let id = add(db, NewConcierge { organization: by.organization, key, settings: to }).await?;
                audit::note(db, &by, "concierge.added", &name, "", now).await?;
                Ok(id)
            })
        })
        .await
    }

    /// Replaces a concierge's editable settings. `detail` describes the change for the audit log.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the concierge or the team does not belong to the organization.
    pub async fn change_concierge(
        &self,
        by: Actor,
        concierge: ConciergeId,
        to: ConciergeSettings,
        detail: String,
        now: Millis,
    ) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                let name = to.name.clone();
                set(db, by.organization, concierge, to).await?;
                audit::note(db, &by, "concierge.changed", &name, &detail, now).await
            })
        })
        .await
    }

    /// Pauses or resumes a concierge.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the concierge does not belong to the organization.
    pub async fn pause_concierge(&self, by: Actor, concierge: ConciergeId, paused: bool, now: Millis) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                let name: String = sql::query_scalar(
                    "UPDATE concierge SET paused = $3 WHERE id = $1 AND organization_id = $2 RETURNING name",
                )
                .bind(concierge.to_string())
                .bind(by.organization.to_string())
                .bind(paused)
                .fetch_optional(&mut *db)
                .await?
                .ok_or(Refusal::NotFound)?;
                let what = if paused { "concierge.paused" } else { "concierge.resumed" };
                audit::note(db, &by, what, &name, "", now).await
            })
        })
        .await
    }

    async fn with_templates(&self, rows: &[Row]) -> Result<Vec<ConciergeRecord>> {
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let mut record = concierge(row)?;
            let templates =
                sql::query("SELECT name, body FROM invitation_template WHERE concierge_id = $1 ORDER BY position")
                    .bind(record.id.to_string())
                    .fetch_all(&self.inner.readers)
                    .await?;
            for row in templates {
                let template = InvitationTemplate { name: row.try_get("name")?, body: row.try_get("body")? };
                record.settings.templates.push(template);
            }
            found.push(record);
        }
        Ok(found)
    }
}

pub(super) async fn add(db: &mut Db, new: NewConcierge) -> Result<ConciergeId> {
    let id = ConciergeId(Uuid::now_v7());
    sql::query(
        "INSERT INTO concierge (id, organization_id, key, name, sites, title, greeting, color, side, language, privacy, \
         invitation) VALUES ($1, $2, $3, '', '', '', '', '', '', '', '', '')",
    )
    .bind(id.to_string())
    .bind(new.organization.to_string())
    .bind(new.key.0)
    .execute(&mut *db)
    .await?;
    set(db, new.organization, id, new.settings).await?;
    Ok(id)
}

/// Writes all editable settings. Returns [`Refusal::NotFound`] if the concierge or the team belongs to another
/// organization.
pub(super) async fn set(
    db: &mut Db,
    organization: OrganizationId,
    concierge: ConciergeId,
    to: ConciergeSettings,
) -> Result<()> {
    let (look, invitation_policy) = (to.look, to.invitation_policy);
    let changed = sql::query(
        "UPDATE concierge SET name = $3, sites = $4, team_id = $5, title = $6, greeting = $7, color = $8, side = $9, \
         language = $10, privacy = $11, invitation = $12, time_zone = $13, opening_hours = $14, \
         quiet_after_deny = $15, quiet_after_unanswered = $16, excluded_paths = $17 \
         WHERE id = $1 AND organization_id = $2 \
         AND ($5 IS NULL OR EXISTS (SELECT 1 FROM team WHERE team.id = $5 AND team.organization_id = $2))",
    )
    .bind(concierge.to_string())
    .bind(organization.to_string())
    .bind(to.name)
    .bind(to.sites.join("\n"))
    .bind(to.team.map(|team| team.to_string()))
    .bind(look.title)
    .bind(look.greeting)
    .bind(look.color)
    .bind(look.side.as_str())
    .bind(look.language.tag())
    .bind(to.privacy.as_str())
    .bind(to.invitation)
    .bind(&to.opening_hours.zone)
    .bind(to.opening_hours.lines(Language::En))
    .bind(invitation_policy.quiet_after_deny.and_then(|wait| i64::try_from(wait).ok()))
    .bind(invitation_policy.quiet_after_unanswered.and_then(|wait| i64::try_from(wait).ok()))
    .bind(invitation_policy.excluded_paths.join("\n"))
    .execute(&mut *db)
    .await?;
    if changed.rows_affected() == 0 {
        return Err(Refusal::NotFound.into());
    }
    set_templates(db, concierge, to.templates).await
}

async fn set_templates(db: &mut Db, concierge: ConciergeId, templates: Vec<InvitationTemplate>) -> Result<()> {
    sql::query("DELETE FROM invitation_template WHERE concierge_id = $1")
        .bind(concierge.to_string())
        .execute(&mut *db)
        .await?;
    for (place, template) in (0_i64..).zip(templates) {
        sql::query("INSERT INTO invitation_template (concierge_id, position, name, body) VALUES ($1, $2, $3, $4)")
            .bind(concierge.to_string())
            .bind(place)
            .bind(template.name)
            .bind(template.body)
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

fn concierge(row: &Row) -> Result<ConciergeRecord> {
    let lines = |column: &str| -> Result<Vec<String>> {
        Ok(row.try_get::<&str, _>(column)?.lines().map(str::to_owned).collect())
    };
    let hours: &str = row.try_get("opening_hours")?;
    let millis = |column: &str| -> Result<Option<u64>> {
        Ok(row.try_get::<Option<i64>, _>(column)?.and_then(|wait| u64::try_from(wait).ok()))
    };
    Ok(ConciergeRecord {
        id: id(row, "id")?,
        organization: id(row, "organization_id")?,
        key: ConciergeKey(row.try_get("key")?),
        paused: row.try_get("paused")?,
        settings: ConciergeSettings {
            name: row.try_get("name")?,
            sites: lines("sites")?,
            team: optional_id(row, "team_id")?,
            look: Look {
                title: row.try_get("title")?,
                greeting: row.try_get("greeting")?,
                color: row.try_get("color")?,
                side: Side::from_word(row.try_get("side")?),
                language: Language::from_tag(row.try_get("language")?),
            },
            privacy: Privacy::from_word(row.try_get("privacy")?),
            invitation: row.try_get("invitation")?,
            templates: Vec::new(),
            opening_hours: OpeningHours::parse(row.try_get("time_zone")?, hours)
                .map_err(|_| unreadable("opening_hours", hours))?,
            invitation_policy: InvitationPolicy {
                quiet_after_deny: millis("quiet_after_deny")?,
                quiet_after_unanswered: millis("quiet_after_unanswered")?,
                excluded_paths: lines("excluded_paths")?,
            },
        },
    })
}
