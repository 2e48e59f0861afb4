//! What is said in My Chats.

use super::strings;

// My chats.
strings! {
    no_chats: "No chats yet. Invite a visitor, or claim a chat that waits.",
        "Noch keine Chats. Laden Sie einen Besucher ein, oder nehmen Sie einen wartenden Chat an.";
    choose_a_chat: "Choose a chat on the left.", "Wählen Sie links einen Chat.";
    no_such_chat: "There is no such chat, or it is not yours to see.",
        "Diesen Chat gibt es nicht, oder Sie dürfen ihn nicht sehen.";
    ended: "Ended", "Beendet";
    you: "You: {}", "Sie: {}";
    no_message: "No message yet", "Noch keine Nachricht";
    waiting_for: "Waits for an answer", "Wartet auf Antwort";
    back: "Back to the list", "Zurück zur Liste";
    end_chat: "End chat", "Chat beenden";
    answer_by_mail: "Answer by e-mail", "Per E-Mail antworten";
    left_a_message: "left a message", "Nachricht hinterlassen";
    end_this_chat: "End this chat?", "Diesen Chat beenden?";
    end_now: "End now", "Jetzt beenden";
    go_on: "Go on", "Abbrechen";
    hand_over: "Hand over", "Übergeben";
    hand_over_to: "To", "An";
    insist: "Though away or full", "Auch wenn abwesend oder ausgelastet";
    teams: "Teams", "Teams";
    agents: "Agents", "Agenten";
    note_for_agents: "Note, for agents only", "Notiz, nur für Agenten";
    note: "Note", "Notiz";
    a_note: "Write a note: the visitor never sees it", "Notiz schreiben: Der Besucher sieht sie nie";
    noted: "{} noted", "{} hat notiert";
    whisper: "Whisper", "Flüstern";
    a_whisper: "Whisper to the agent: the visitor never sees it", "Dem Agenten zuflüstern: Der Besucher sieht es nie";
    reads_along: "{} reads along", "{} liest mit";
    i_read_along: "You are reading along.", "Sie lesen mit.";
    tags: "Tags", "Schlagwörter";
    add_tag: "Add a tag", "Schlagwort";
    remove_tag: "Remove the tag {}", "Schlagwort {} entfernen";
    replies: "Canned replies", "Textbausteine";
    there: "there", "Gast";
    no_reply: "No canned reply fits. They are kept under Settings.",
        "Kein Textbaustein passt. Verwaltet werden sie unter Einstellungen.";
    conversation: "Conversation", "Gespräch";
    messages: "Messages", "Nachrichten";
    typing: "The visitor is typing…", "Der Besucher schreibt…";
    with_another: "{} is in this chat.", "{} ist in diesem Chat.";
    nobody_in_it: "Nobody is in this chat yet. Claim it to write.",
        "In diesem Chat ist noch niemand. Nehmen Sie ihn an, um zu schreiben.";
    chat_over: "The chat is over.", "Der Chat ist beendet.";
    write: "Write a message", "Nachricht schreiben";
    send: "Send", "Senden";
    attach: "Attach files", "Dateien anhängen";
    emoji: "Emoji", "Emoji";
    edit: "Edit", "Bearbeiten";
    edited: "edited", "bearbeitet";
    save: "Save", "Speichern";
    delete: "Delete", "Löschen";
    delete_now: "Delete for everybody", "Für alle löschen";
    deleted: "This message was deleted", "Diese Nachricht wurde gelöscht";
    concierge_says: "Concierge", "Concierge";
    sending: "Sending", "Wird gesendet";
    sent: "Sent", "Gesendet";
    delivered: "Delivered", "Zugestellt";
    read: "Read", "Gelesen";
    send_again: "Send again", "Erneut senden";
    discard: "Discard", "Verwerfen";
    today: "Today", "Heute";
    yesterday: "Yesterday", "Gestern";
}

// The names of the groups of emoji.
strings! {
    emoji_faces: "Faces", "Gesichter";
    emoji_hands: "Hands", "Hände";
    emoji_signs: "Signs", "Zeichen";
    emoji_things: "Things", "Dinge";
}

/// Emoji to choose from: the name of a group, and what is in it.
pub fn emoji_by_group() -> [(&'static str, &'static str); 4] {
    [
        (emoji_faces(), "🙂 😀 😂 😉 😊 😍 🤔 😅 😕 😢 😮 😎"),
        (emoji_hands(), "👍 👎 👋 🙏 👏 💪 👌 ✌️ 🤝 👉 🙌 🤷"),
        (emoji_signs(), "❤️ ✅ ❌ ⭐ 🔥 🎉 ✨ ⚠️ ❓ ❗ 💡 💯"),
        (emoji_things(), "📦 🚚 🛒 💳 📅 ⏰ 📎 📞 ✉️ 📍 🎁 ☕"),
    ]
}
