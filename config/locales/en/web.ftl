# What the web page itself says, around the conversation.

page-skip = Skip to the message box
page-reconnecting = Reconnecting…
page-chats = Chats
page-new-chat = New chat
page-main-chat = Main chat
page-chat-number = Chat { $number }
page-conversation = Conversation
page-say-hello = Say hello to start.
page-drop = Drop your pictures anywhere
page-you = You
page-your-message = Your message
page-message = Message
page-write = Write a message
page-commands = Commands
page-queue = Files to send
page-add-files = Add files
page-send = Send
page-without-script = Answers that take longer show when you reload the page.
page-reload = Reload
page-welcome = Welcome
page-private = This { $name } is private. Enter the access token you were given.
page-token = Access token
page-enter = Enter
page-sorry = Sorry
page-to-chat = To the chat
page-not-all-sent = Not everything was sent
page-continue = Continue

# What the page's script says. “{ $name }” is a file's name.
script-new-message = New message ↓
script-remove = Remove { $name }
script-offline = You seem to be offline.
script-failed = That did not work.
script-again = Trying again…

# Why a file was not taken: stands after its name and a colon, and a full stop follows.
file-unnamed = file
file-too-many = only { $max } files fit into one message
file-empty = it is empty
file-too-large = it is larger than { $limit }
file-no-space = there is no room left on this server for it. Ask whoever runs it to make room, then send it again

problem-forbidden = This did not come from a page of this browser. Reload the page and try again.
problem-try-again = The bot cannot take this just now. Try again in a moment.
problem-not-found = There is nothing at this address.
problem-too-long = That is too long: { $max } characters at most.
problem-nothing = There was nothing to send.
problem-button = That button is not known here.
problem-malformed = That request is malformed. Reload the page.
problem-busy = The bot is still busy with what you sent before. Try again in a moment.
problem-broke-off = The upload broke off. Send the files again.
problem-encoding = That text is not UTF-8.
problem-too-much = These files are too much for one message. Send them in several.
problem-host = This page does not answer to that address. Whoever runs it can set the address at [web] public_url.
problem-unknown-browser = This browser is not known here. Open the page and allow its cookie.
problem-no-cookie = This page needs a cookie to tell your chats from those of others. Allow it and try again.
problem-token-first = Enter the access token first.
problem-wrong-token = That is not the token.
problem-many-tokens = Too many wrong tokens. Wait a minute, then try again.

page-preview = Preview
page-preview-platforms = Platforms
page-preview-lost = What is lost there
page-preview-payload = Payload
