//! Strings for the My Chats page.

use super::strings;

// The My Chats page.
strings! {
    no_chats: "No chats yet. Invite a visitor or claim a waiting chat.",
        "Noch keine Chats. Laden Sie einen Besucher ein oder nehmen Sie einen wartenden Chat an.";
    choose_a_chat: "Select a chat from the list.", "Wählen Sie einen Chat aus der Liste aus.";
    no_such_chat: "This chat does not exist, or you do not have access to it.",
        "Diesen Chat gibt es nicht, oder Sie haben keinen Zugriff darauf.";
    ended: "Ended", "Beendet";
    you: "You: {}", "Sie: {}";
    no_message: "No messages yet", "Noch keine Nachrichten";
    waiting_for: "Waiting for a reply", "Wartet auf Antwort";
    back: "Back to chats", "Zurück zu den Chats";
    end_chat: "End chat", "Chat beenden";
    answer_by_mail: "Reply by email", "Per E-Mail antworten";
    left_a_message: "Left a message", "Nachricht hinterlassen";
    end_this_chat: "End this chat?", "Diesen Chat beenden?";
    end_now: "End now", "Jetzt beenden";
    go_on: "Cancel", "Abbrechen";
    hand_over: "Transfer", "Übergeben";
    hand_over_to: "Transfer to", "Übergeben an";
    insist: "Transfer even if the agent is away or at their chat limit",
        "Auch übergeben, wenn der Agent abwesend oder ausgelastet ist";
    teams: "Teams", "Teams";
    agents: "Agents", "Agenten";
    note_for_agents: "Internal note (agents only)", "Interne Notiz (nur für Agenten)";
    note: "Add note", "Notiz hinzufügen";
    a_note: "Write an internal note. The visitor never sees it.",
        "Interne Notiz schreiben. Der Besucher sieht sie nie.";
    noted: "Note from {}", "Notiz von {}";
    whisper: "Whisper", "Flüstern";
    a_whisper: "Whisper to the agent. The visitor never sees it.",
        "Dem Agenten zuflüstern. Der Besucher sieht das nie.";
    reads_along: "{} is viewing this chat", "{} liest mit";
    i_read_along: "You can view it but not reply.", "Sie können mitlesen, aber nicht antworten.";
    tags: "Tags", "Schlagwörter";
    add_tag: "Add tag", "Schlagwort hinzufügen";
    remove_tag: "Remove tag {}", "Schlagwort {} entfernen";
    replies: "Canned replies", "Textbausteine";
    there: "there", "Gast";
    no_reply: "No matching canned replies. You can manage them in Settings.",
        "Kein passender Textbaustein gefunden. Textbausteine können Sie in den Einstellungen verwalten.";
    conversation: "Conversation", "Gespräch";
    messages: "Messages", "Nachrichten";
    typing: "The visitor is typing…", "Der Besucher schreibt…";
    with_another: "{} is handling this chat.", "{} betreut diesen Chat.";
    nobody_in_it: "Nobody is handling this chat yet. Claim it to reply.",
        "Diesen Chat betreut noch niemand. Nehmen Sie ihn an, um zu antworten.";
    chat_over: "This chat has ended.", "Dieser Chat ist beendet.";
    new_messages: "New messages", "Neue Nachrichten";
    write: "Write a message", "Nachricht schreiben";
    send: "Send", "Senden";
    attach: "Attach files", "Dateien anhängen";
    emoji: "Emoji", "Emoji";
    edit: "Edit", "Bearbeiten";
    edited: "edited", "bearbeitet";
    save: "Save", "Speichern";
    delete: "Delete", "Löschen";
    delete_now: "Delete for everyone", "Für alle löschen";
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

// Emoji group names.
strings! {
    emoji_faces: "Smileys", "Smileys";
    emoji_hands: "Gestures", "Gesten";
    emoji_signs: "Symbols", "Symbole";
    emoji_things: "Objects", "Objekte";
}

/// Returns the emoji picker's groups: each group's name, and its emoji separated by spaces.
pub fn emoji_by_group() -> [(&'static str, &'static str); 4] {
    [
        (emoji_faces(), "🙂 😀 😂 😉 😊 😍 🤔 😅 😕 😢 😮 😎"),
        (emoji_hands(), "👍 👎 👋 🙏 👏 💪 👌 ✌️ 🤝 👉 🙌 🤷"),
        (emoji_signs(), "❤️ ✅ ❌ ⭐ 🔥 🎉 ✨ ⚠️ ❓ ❗ 💡 💯"),
        (emoji_things(), "📦 🚚 🛒 💳 📅 ⏰ 📎 📞 ✉️ 📍 🎁 ☕"),
    ]
}
