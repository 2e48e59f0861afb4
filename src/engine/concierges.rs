//! Lets admins configure concierges: validates the form and stores the settings.

use protocol::{
    concierge::{InvitationTemplate, Look, Privacy, Side},
    id::{ConciergeId, ConciergeKey},
    language::Language,
    limits::{MESSAGE_CHARS, NAME_CHARS},
    opening_hours::OpeningHours,
    refusal::Refusal,
};
use url::Url;

use crate::{
    Engine, Permission, clock, opening_hours,
    operations::refusal,
    page,
    sessions::Principal,
    store::{Actor, ConciergeRecord, ConciergeSettings, InvitationPolicy},
    validation::{FieldErrorKind, FieldErrors, FormError},
};

/// The maximum number of sites, path patterns, or templates per concierge.
const MAX_LINES: usize = 50;
const GREETING_CHARS: usize = 500;
const TEMPLATE_NAME_CHARS: usize = 30;
const MINUTE: u64 = 60_000;
/// The longest quiet period that can be configured, in minutes (30 days).
const QUIET_MINUTES: i64 = 30 * 24 * 60;

/// The form for editing a concierge, as submitted by an admin.
#[derive(Clone, Debug, Default)]
pub struct ConciergeForm {
    /// The name shown on the board.
    pub name: String,
    /// The allowed origins, one per line.
    pub sites: String,
    /// The ID of the team that receives the chats. If empty, all agents receive them.
    pub team: String,
    /// The panel's title.
    pub title: String,
    /// The first message that the visitor sees.
    pub greeting: String,
    /// The accent color, as `#rrggbb`.
    pub color: String,
    /// The side of the page on which the widget appears: `left` or `right`.
    pub side: String,
    /// The widget's language, as a language tag.
    pub language: String,
    /// The privacy mode: `essential`, `ask`, or `full`.
    pub privacy: String,
    /// The default invitation text.
    pub invitation: String,
    /// Invitation templates, one `Name: text` per line.
    pub templates: String,
    /// The name of the time zone for the opening hours.
    pub zone: String,
    /// The opening hours, one range per line, such as `Mon-Fri 9:00-17:00`.
    pub hours: String,
    /// The quiet period after a visitor denies an invitation, in minutes. If empty, the server's default is used.
    pub quiet_after_deny: String,
    /// The quiet period after an unanswered invitation, in minutes. If empty, the server's default is used.
    pub quiet_after_unanswered: String,
    /// The paths where no invitation may appear, one per line.
    pub excluded_paths: String,
}

/// Unsaved changes to a concierge's look, used for the preview. A field that is `None` keeps its saved value.
#[derive(Clone, Debug, Default)]
pub struct LookForm {
    /// The panel's title.
    pub title: Option<String>,
    /// The first message that the visitor sees.
    pub greeting: Option<String>,
    /// The accent color, as `#rrggbb`.
    pub color: Option<String>,
    /// The side of the page on which the widget appears: `left` or `right`.
    pub side: Option<String>,
    /// The widget's language, as a language tag.
    pub language: Option<String>,
}

impl ConciergeForm {
    /// Creates a form filled with the current settings. The opening hours are written in the reader's language.
    pub fn of(settings: &ConciergeSettings, reader: Language) -> Self {
        let minutes = |wait: Option<u64>| wait.map(|wait| (wait / MINUTE).to_string()).unwrap_or_default();
        let templates = settings.templates.iter().map(|one| format!("{}: {}", one.name, one.body.replace('\n', " ")));
        Self {
            name: settings.name.clone(),
            sites: settings.sites.join("\n"),
            team: settings.team.map(|team| team.to_string()).unwrap_or_default(),
            title: settings.look.title.clone(),
            greeting: settings.look.greeting.clone(),
            color: settings.look.color.clone(),
            side: settings.look.side.as_str().into(),
            language: settings.look.language.tag().into(),
            privacy: settings.privacy.as_str().into(),
            invitation: settings.invitation.clone(),
            templates: templates.collect::<Vec<_>>().join("\n"),
            zone: settings.opening_hours.zone.clone(),
            hours: settings.opening_hours.lines(reader),
            quiet_after_deny: minutes(settings.invitation_policy.quiet_after_deny),
            quiet_after_unanswered: minutes(settings.invitation_policy.quiet_after_unanswered),
            excluded_paths: settings.invitation_policy.excluded_paths.join("\n"),
        }
    }

    /// Validates the form and converts it to settings.
    ///
    /// # Errors
    /// Returns all invalid fields, or [`Refusal::NotFound`] if the team ID is malformed.
    pub fn validate(&self) -> Result<ConciergeSettings, FormError> {
        let mut errors = FieldErrors::default();
        let name = errors.line("name", &self.name, NAME_CHARS);
        let sites = errors.keep("sites", sites(&self.sites)).unwrap_or_default();
        let look = Look {
            title: errors.line("title", &self.title, NAME_CHARS),
            greeting: errors.line("greeting", &self.greeting, GREETING_CHARS),
            color: errors.keep("color", color(&self.color)).unwrap_or_default(),
            side: Side::from_word(&self.side),
            language: Language::from_tag(&self.language),
        };
        let invitation = errors.line("invitation", &self.invitation, MESSAGE_CHARS);
        let templates = errors.keep("templates", templates(&self.templates)).unwrap_or_default();
        if !opening_hours::is_zone(self.zone.trim()) {
            errors.add("zone", FieldErrorKind::NotAZone);
        }
        let hours = OpeningHours::parse(self.zone.trim(), &self.hours).map_err(|bad| FieldErrorKind::BadHours(bad.0));
        let hours = errors.keep("hours", hours).unwrap_or_default();
        let quiet_after_deny = errors.keep("quiet_after_deny", quiet(&self.quiet_after_deny)).flatten();
        let quiet_after_unanswered =
            errors.keep("quiet_after_unanswered", quiet(&self.quiet_after_unanswered)).flatten();
        let excluded_paths = errors.keep("excluded_paths", paths(&self.excluded_paths)).unwrap_or_default();
        errors.done()?;
        let team = match self.team.trim() {
            "" => None,
            team => Some(team.parse().map_err(|_| Refusal::NotFound)?),
        };
        Ok(ConciergeSettings {
            name,
            sites,
            team,
            look,
            privacy: Privacy::from_word(&self.privacy),
            invitation,
            templates,
            opening_hours: hours,
            invitation_policy: InvitationPolicy { quiet_after_deny, quiet_after_unanswered, excluded_paths },
        })
    }
}

impl Engine {
    /// Returns all concierges, ordered by name.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage concierges.
    pub async fn concierges(&self, me: &Principal) -> Result<Vec<ConciergeRecord>, Refusal> {
        me.may(Permission::ManageConcierges)?;
        self.store().concierges(me.organization).await.map_err(refusal)
    }

    /// Returns a single concierge.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage concierges, and [`Refusal::NotFound`] if the
    /// concierge does not exist.
    pub async fn concierge(&self, me: &Principal, concierge: ConciergeId) -> Result<ConciergeRecord, Refusal> {
        me.may(Permission::ManageConcierges)?;
        self.store().concierge(me.organization, concierge).await.map_err(refusal)?.ok_or(Refusal::NotFound)
    }

    /// Returns a preview of a concierge's look: the saved look (or the default look for a new concierge) with the
    /// values entered so far. Required fields may still be empty.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage concierges, [`Refusal::NotFound`] if the concierge
    /// does not exist, or the invalid fields.
    pub async fn preview_look(
        &self,
        me: &Principal,
        which: Option<ConciergeId>,
        typed: LookForm,
    ) -> Result<Look, FormError> {
        me.may(Permission::ManageConcierges)?;
        let before = match which {
            Some(id) => self.concierge(me, id).await?.settings.look,
            None => ConciergeSettings::named("", Language::En).look,
        };
        let mut errors = FieldErrors::default();
        let look = Look {
            title: errors.text("title", &typed.title.unwrap_or(before.title), NAME_CHARS),
            greeting: errors.text("greeting", &typed.greeting.unwrap_or(before.greeting), GREETING_CHARS),
            color: errors.keep("color", color(&typed.color.unwrap_or(before.color))).unwrap_or_default(),
            side: typed.side.map_or(before.side, |side| Side::from_word(&side)),
            language: typed.language.map_or(before.language, |tag| Language::from_tag(&tag)),
        };
        errors.done()?;
        Ok(look)
    }

    /// Creates a concierge with a new key, or updates an existing one.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage concierges, [`Refusal::NotFound`] if the concierge
    /// does not exist, or the invalid fields.
    pub async fn save_concierge(
        &self,
        me: &Principal,
        which: Option<ConciergeId>,
        typed: &ConciergeForm,
    ) -> Result<ConciergeId, FormError> {
        me.may(Permission::ManageConcierges)?;
        let settings = typed.validate()?;
        let (by, now) = (Actor::from(me), clock::now());
        let id = match which {
            None => self
                .store()
                .create_concierge(by, generate_key(&settings.name)?, settings, now)
                .await
                .map_err(refusal)?,
            Some(id) => {
                let before = self.concierge(me, id).await?.settings;
                let detail = difference(&before, &settings);
                self.store().change_concierge(by, id, settings, detail, now).await.map_err(refusal)?;
                id
            }
        };
        self.broadcast_directory(me.organization).await;
        Ok(id)
    }

    /// Pauses or resumes a concierge. Pages that are already open keep showing a paused concierge until they are
    /// reloaded.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage concierges, and [`Refusal::NotFound`] if the
    /// concierge does not exist.
    pub async fn pause_concierge(&self, me: &Principal, concierge: ConciergeId, paused: bool) -> Result<(), Refusal> {
        me.may(Permission::ManageConcierges)?;
        self.store().pause_concierge(Actor::from(me), concierge, paused, clock::now()).await.map_err(refusal)
    }
}

/// Returns the names of the settings that differ. Their values are left out because they may be long.
fn difference(before: &ConciergeSettings, after: &ConciergeSettings) -> String {
    let changed = [
        ("name", before.name != after.name),
        ("sites", before.sites != after.sites),
        ("team", before.team != after.team),
        ("look", before.look != after.look),
        ("privacy", before.privacy != after.privacy),
        ("invitation", before.invitation != after.invitation || before.templates != after.templates),
        ("opening hours", before.opening_hours != after.opening_hours),
        ("invitation policy", before.invitation_policy != after.invitation_policy),
    ];
    changed.iter().filter(|(_, changed)| *changed).map(|(what, _)| *what).collect::<Vec<_>>().join(", ")
}

/// Generates a unique key that consists of a slug of the name and six random characters.
pub(crate) fn generate_key(name: &str) -> Result<ConciergeKey, Refusal> {
    let mut chance = [0; 6];
    getrandom::fill(&mut chance).map_err(|_| Refusal::Unexpected)?;
    let chance: String =
        chance.iter().map(|byte| char::from(b"abcdefghjkmnpqrstuvwxyz23456789-"[usize::from(byte % 31)])).collect();
    let plain = name.to_lowercase().split(|letter: char| !letter.is_ascii_alphanumeric()).collect::<Vec<_>>().join("-");
    let plain: String = plain.trim_matches('-').chars().take(24).collect();
    Ok(ConciergeKey(format!("{plain}{}{chance}", if plain.is_empty() { "" } else { "-" })))
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// Parses origins of the form `scheme://host[:port]`, which is the form that `frame-ancestors` accepts.
pub(crate) fn sites(text: &str) -> Result<Vec<String>, FieldErrorKind> {
    let mut sites = Vec::new();
    for line in lines(text) {
        let site = site(line).ok_or_else(|| FieldErrorKind::NotASite(line.chars().take(100).collect()))?;
        if !sites.contains(&site) {
            sites.push(site);
        }
    }
    if sites.len() > MAX_LINES { Err(FieldErrorKind::TooMany(MAX_LINES)) } else { Ok(sites) }
}

fn site(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let is_named = url.username().is_empty() && url.password().is_none();
    let is_web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.contains('*'));
    (is_bare && is_named && is_web).then(|| url.origin().ascii_serialization())
}

fn color(text: &str) -> Result<String, FieldErrorKind> {
    let digits = text.trim().strip_prefix('#').ok_or(FieldErrorKind::NotAColor)?;
    let is_one = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_one { Ok(format!("#{}", digits.to_lowercase())) } else { Err(FieldErrorKind::NotAColor) }
}

fn templates(text: &str) -> Result<Vec<InvitationTemplate>, FieldErrorKind> {
    let mut templates = Vec::new();
    for (number, line) in (1..).zip(lines(text)) {
        let (name, words) = line.split_once(": ").ok_or(FieldErrorKind::BadTemplate(number))?;
        let (name, words) = (name.trim(), words.trim());
        let is_short = name.chars().count() <= TEMPLATE_NAME_CHARS && words.chars().count() <= MESSAGE_CHARS;
        if name.is_empty() || words.is_empty() || !is_short {
            return Err(FieldErrorKind::BadTemplate(number));
        }
        templates.push(InvitationTemplate { name: name.into(), body: words.into() });
    }
    if templates.len() > MAX_LINES { Err(FieldErrorKind::TooMany(MAX_LINES)) } else { Ok(templates) }
}

fn quiet(text: &str) -> Result<Option<u64>, FieldErrorKind> {
    match text.trim() {
        "" => Ok(None),
        minutes => match minutes.parse::<u64>() {
            Ok(minutes) if (1..=QUIET_MINUTES.unsigned_abs()).contains(&minutes) => Ok(Some(minutes * MINUTE)),
            _ => Err(FieldErrorKind::OutOfRange(1, QUIET_MINUTES)),
        },
    }
}

fn paths(text: &str) -> Result<Vec<String>, FieldErrorKind> {
    let is_path =
        |line: &&str| line.starts_with(['/', '*']) && line.len() <= 200 && !line.contains(char::is_whitespace);
    match lines(text).find(|line| !is_path(line)) {
        Some(other) => Err(FieldErrorKind::NotAPath(other.chars().take(100).collect())),
        None if lines(text).count() > MAX_LINES => Err(FieldErrorKind::TooMany(MAX_LINES)),
        None => Ok(lines(text).map(page::readable_path).collect()),
    }
}

#[cfg(test)]
mod tests;
