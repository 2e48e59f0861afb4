//! The routing screen: how each team's waiting chats are assigned.

use engine::{Engine, Permission, Principal, routing::Routing};
use protocol::{
    refusal::Refusal,
    screen::{Block, Field, FieldKind, Form, Screen},
};

use super::{FormOutcome, form_fields::Fields, i18n, settings};

const PATH: &str = "/settings/routing";

/// Shows the routing options for each team.
pub(super) async fn show(engine: &Engine, me: &Principal) -> Result<Screen, Refusal> {
    me.may(Permission::ManageTeams)?;
    let ways = Routing::ALL.map(|way| (way.as_str().to_owned(), i18n::routing_way(way).to_owned())).to_vec();
    let mut fields = Vec::new();
    for team in engine.directory(me).await?.teams {
        let way = engine.routing(me, team.id).await?;
        fields.push(Field::new(&team.id.to_string(), &team.name, FieldKind::Choice(ways.clone())).value(way.as_str()));
    }
    let mut screen = Screen::new(i18n::routing(), i18n::routing_lead());
    screen = match fields.is_empty() {
        true => screen.with(Block::Text(i18n::no_teams().to_owned())),
        false => screen.with(Block::Form(Form::new(PATH, i18n::save(), fields))),
    };
    screen.tabs = settings::tabs(me, PATH);
    Ok(screen)
}

/// Saves the routing for each team where it was changed.
pub(super) async fn submit(engine: &Engine, me: &Principal, fields: &Fields) -> Result<FormOutcome, Refusal> {
    me.may(Permission::ManageTeams)?;
    for team in engine.directory(me).await?.teams {
        let word = fields.text(&team.id.to_string());
        let Some(way) = Routing::from_word(word) else { continue };
        if engine.routing(me, team.id).await? != way {
            engine.set_routing(me, team.id, way).await?;
        }
    }
    Ok(FormOutcome::saved(PATH))
}
