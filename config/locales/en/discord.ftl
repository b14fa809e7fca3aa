# What the Discord adapter says itself, around the conversation.

press-unknown = That button is of an older version. Use /start for the menu.
press-foreign = That is somebody else’s menu. Use /start for one of your own.
command-unknown = I do not know that command any more. Use /help for those there are.
message-no-picture = That is not a picture to train on. Send PNG, JPEG or WebP files; nothing else was changed.
message-full = That was too much at once. Send it again in a moment.
not-taken = That could not be kept just now, so nothing was changed. Try it again in a moment.
not-shown = Discord does not take what there is to see here. Nothing is lost: /start shows the main menu.
file-too-large = { $name } has { $size } MB, and Discord takes { $max } MB here. Whoever runs this bot can give it to you.
file-by-link = { $name } has { $size } MB; Discord takes { $max } MB here. This link gives it to you for a day:
file-gone = That file is not there any more.
pictures-by-command = Bring them with `{ $command }`: ten at a time, and a caption if you like.
pictures-by-mention = Bring them in a message that names { $bot }, with a caption as its text if you like; or with `{ $command }`.
seen-above = Done: it shows in the message above.
