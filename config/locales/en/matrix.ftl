# What the Matrix adapter says itself, around the conversation.

turn-on = More
turn-back = Back
press-unknown = { $key } is none of the choices. React with a number from the list, or type it.
press-foreign = That is somebody else’s list. Type { $prefix }start for one of your own.
press-old = That list is of an older version. Type { $prefix }start for the menu.
number-out-of-range = There are { $count } choices: type a number from 1 to { $count }.
message-no-picture = That is not a picture to train on. Send PNG, JPEG or WebP, as a picture or a file; nothing else was changed.
message-edited = I had read that already, and it counts as it was at first. Send it again to change it.
message-full = That was too much at once. Send it again in a moment.
message-locked = I cannot read your last message: its key did not come with it. I read it as soon as the key is here. If nothing happens, send it again, or log your session out and in again.
not-allowed = I may not talk to you: whoever runs this bot chose who may. Ask them to let you in.
file-too-large = { $name } has { $size } MB, and this server takes { $max } MB. Whoever runs this bot can give it to you.
file-by-link = { $name } has { $size } MB; this server takes { $max } MB. This link gives it to you for a day: { $link }
file-gone = That file is not there any more.
