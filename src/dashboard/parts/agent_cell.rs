//! A cell in the AGENT column, which shows who is handling the visitor, and the call to action.

use leptos::{either::EitherOf9, prelude::*};
use protocol::{
    Millis,
    action::{Action, action},
    agent::Role,
    board::format_elapsed,
    chat::{AgentConnectivity, BoardChat},
    contact::ContactRequest,
    id::{AgentId, ChatId, InvitationId, VisitId},
};

use crate::dashboard::{
    actions,
    app_state::{AppState, board::VisitSignals},
    board_view_state::BoardView,
    i18n,
    live::Live,
    parts::avatar::avatar,
};

/// The AGENT cell. It is only rerendered when the action itself changes, so that a button is never replaced while it is
/// being clicked.
#[component]
pub fn AgentCell(
    /// The visit.
    visit: VisitId,
    /// The visit's reactive values.
    signals: VisitSignals,
) -> impl IntoView {
    let app = Live::from_context().app;
    let VisitSignals { row, gone, .. } = signals;
    let call = Memo::new(move |_| match gone.get() {
        true => Action::None,
        false => row.with(|row| row.as_ref().map_or(Action::None, |row| action(row, &app.viewer(), app.now.get()))),
    });
    move || match call.get() {
        Action::Invite { quiet } => EitherOf9::A(invite(app, visit, signals, quiet)),
        Action::Wait { until } => EitherOf9::B(view! {
            <small>{move || i18n::fill(i18n::no_prompts_until(), &app.hour_minute(until))}</small>
        }),
        Action::Invited { invitation, by, mine } => EitherOf9::C(invited(app, signals, invitation, by, mine)),
        Action::Claim(chat) => EitherOf9::D(claim(app, signals, chat)),
        Action::Reserved { agent, until } => EitherOf9::E(view! {
            {name(app, agent)} <small>{move || i18n::fill(i18n::reserved(), &time_left(app, until))}</small>
        }),
        Action::Open(chat) => EitherOf9::F(view! {
            <a class="agent own" href=actions::chat_path(chat)>{name(app, app.me)}</a>
        }),
        Action::Owned { by, may_take_over, .. } => EitherOf9::G(owned(app, signals, by, may_take_over)),
        Action::WaitsForTeam(team) => EitherOf9::H(view! {
            <small>{move || i18n::fill(i18n::waits_for_team(), &app.team_name(team))}</small>
        }),
        Action::None => EitherOf9::I(()),
    }
}

fn name(app: AppState, agent: AgentId) -> impl IntoView {
    view! { {avatar(app, agent)} <span class="agent">{move || app.agent_name(agent)}</span> }
}

fn time_left(app: AppState, until: Millis) -> String {
    format_elapsed(app.now.get(), until)
}

fn invite(app: AppState, visit: VisitId, signals: VisitSignals, quiet: bool) -> impl IntoView {
    let board_view = BoardView::from_context();
    let composing = Memo::new(move |_| {
        signals.row.with(|row| row.as_ref().and_then(|row| row.composing)).filter(|agent| *agent != app.me)
    });
    let writing = move || {
        let agent = composing.get()?;
        Some(view! { <small class="composing">{i18n::fill(i18n::is_writing(), &app.agent_name(agent))}</small> })
    };
    view! {
        <button type="button" class="button invite" class:quiet=quiet on:click=move |_| board_view.invite(visit)>{i18n::invite()}</button>
        {writing}
    }
}

fn invited(app: AppState, signals: VisitSignals, invitation: InvitationId, by: AgentId, mine: bool) -> impl IntoView {
    let progress = move || {
        signals.row.with(|row| {
            let one = row.as_ref()?.invitation.as_ref()?;
            Some(format!("{} · {}", i18n::invitation_state(one.state), time_left(app, one.expires_at)))
        })
    };
    let withdraw = move || {
        view! {
            <button
                type="button"
                class="button quiet"
                aria-busy=move || app.is_busy(invitation.0).to_string()
                on:click=move |_| actions::withdraw(app, invitation)
            >
                {i18n::withdraw()}
            </button>
        }
    };
    view! {
        {name(app, by)}
        <small class="progress">{progress}</small>
        {mine.then(withdraw)}
    }
}

fn claim(app: AppState, signals: VisitSignals, chat: ChatId) -> impl IntoView {
    let is_message = move |chat: &BoardChat| chat.contact == ContactRequest::Provided;
    let message = Memo::new(move |_| {
        signals.row.with(|row| row.as_ref().and_then(|row| row.chat.as_ref()).is_some_and(is_message))
    });
    view! {
        <button
            type="button"
            class="button claim primary"
            aria-busy=move || app.is_busy(chat.0).to_string()
            on:click=move |_| actions::claim(app, chat)
        >
            {i18n::claim()}
        </button>
        {move || message.get().then(|| view! { <small class="message">{i18n::left_a_message()}</small> })}
    }
}

fn owned(app: AppState, signals: VisitSignals, by: AgentId, may_take_over: bool) -> impl IntoView {
    let chat = Memo::new(move |_| signals.row.with(|row| row.as_ref().and_then(|row| row.chat.clone())));
    let link = move || {
        let word = match chat.with(|chat| chat.as_ref().map(|chat| chat.link))? {
            AgentConnectivity::Lost => i18n::offline(),
            AgentConnectivity::Reconnecting => i18n::reconnecting(),
            AgentConnectivity::Ok => return None,
        };
        Some(view! { <small class="lost-link">{word}</small> })
    };
    let take_over = move || {
        let busy = move || chat.with(|chat| chat.as_ref().is_some_and(|chat| app.is_busy(chat.id.0)));
        view! {
            <button
                type="button"
                class="button quiet take-over"
                aria-busy=move || busy().to_string()
                on:click=move |_| {
                    if let Some(chat) = chat.get_untracked() {
                        actions::take_over(app, &chat);
                    }
                }
            >
                {i18n::take_over()}
            </button>
        }
    };
    // Supervisors can view the chat.
    let who = move || match chat.with(|chat| chat.as_ref().map(|chat| chat.id)) {
        Some(chat) if app.role() >= Role::Supervisor => view! {
            {avatar(app, by)}
            <a class="agent" href=actions::chat_path(chat) title=i18n::read_along()>{app.agent_name(by)}</a>
        }
        .into_any(),
        _ => name(app, by).into_any(),
    };
    view! { {who} {link} {may_take_over.then(take_over)} }
}
