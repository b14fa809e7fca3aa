# What the Telegram adapter says itself, around the conversation.

press-unknown = That button is of an older version. Send /start for the menu.
press-foreign = That is somebody else’s menu. Send /start for one of your own.
message-no-picture = That is not a picture to train on. Send PNG, JPEG or WebP, as a photo or a file; nothing else was changed.
message-too-large = That file has more than 20 MB, and Telegram gives bots no larger ones. Send it as a photo, or make it smaller.
message-anonymous = While you write anonymously I cannot tell who you are. Write under your own name, or to me in private.
message-edited = I had read that already, and it counts as it was at first. Send it again to change it.
message-full = That was too much at once. Send it again in a moment.
file-too-large = { $name } has { $size } MB, and Telegram takes { $max } MB from bots. Whoever runs this bot can give it to you.
file-by-link = { $name } has { $size } MB; Telegram takes { $max } MB from bots. This link gives it to you for a day:
file-gone = That file is not there any more.
