# Training LoRAs: everything the feature says.

command-start = The main menu
command-train = Train a new LoRA; a name may follow
command-loras = Your LoRAs and their files; a name may follow
command-runs = Your trainings, and how far they are
command-language = Change the language; it may follow
command-link = Join with another platform
command-unlink = Part from it
command-help = What this is and how it goes
command-cancel = Leave what is going on; nothing is lost
argument-name = What the LoRA is to be called
argument-lora = Which one to open
argument-code = The code from the other platform
argument-language = The language, or nothing to choose
pictures-add = Pictures for the LoRA that is being edited
pictures-caption = What they show

home-title = Lorikeet
home-intro = Train an image LoRA from your own pictures: give it a name, send { $min } to { $max } pictures, say what they show, and start. You get a .safetensors file.
home-train = Train a LoRA
home-loras = My LoRAs ({ $count })
home-runs = Trainings
home-help = Help
home-name-first = Pictures belong to a LoRA. Press “Train a LoRA”, give it a name, then send them again.

help-title = How it goes
help-how = Name a LoRA, send { $min } to { $max } pictures of one subject or style, caption them or skip that, choose settings, read what it will take, and start. You can leave at any time: everything is saved as you go, and training goes on without you.
help-pictures = Send PNG, JPEG or WebP as files for full quality; every picture gets its verdict as it arrives. Ten or more different views work best.

language-title = Language
language-intro = Which language shall I speak?

engine-demonstration = This uses Lorikeet’s small built-in demonstration model: 64×64 pixels, trained in about a minute on this machine’s processor. It shows how everything goes; its files work with this model only.

duration-seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
  }
duration-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
  }
duration-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
  }
ago-moment = just now
ago-minutes = { $count ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
  }
ago-hours = { $count ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
  }
ago-days = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
  }
holder-elsewhere = another chat of yours, opened { $since }
holder-place = another chat of yours (“{ $place }”), opened { $since }
holder-name = another chat (“{ $place }”, { $name }), opened { $since }

step-name = Name
step-images = Pictures
step-captions = Captions
step-settings = Settings
step-review = Review
step-training = Training

name-title = A new LoRA
name-intro = What is it called? Name it after what the pictures have in common: a person, a pet, a thing or a style.
name-hint = A name, 3 to 50 characters
name-empty = The name is empty. Type { $min } to { $max } letters, digits, spaces, - or _.
name-too-short = { $length ->
    [one] One character is too few.
   *[other] { $length } characters are too few.
  } Type { $min } to { $max } letters, digits, spaces, - or _.
name-too-long = That name has { $length } characters. Use at most { $max }.
name-character = “{ $character }” cannot be in a name. Use letters, digits, spaces, - and _.
name-no-letter = A name needs at least one letter or digit. Type { $min } to { $max } letters, digits, spaces, - or _.
name-taken = You have a LoRA called “{ $name }” already. Choose another name, or open that one from My LoRAs.
name-too-many = This bot keeps at most { $limit } for one person, and you have that many. Delete one under My LoRAs first.

trigger-intro = The trigger word calls the LoRA up in a prompt. It should be one word that means nothing else.
trigger-hint = One word, 2 to 30 letters or digits
trigger-length = { $length ->
    [0] The trigger word is empty. Type one
    [one] That word has one character. Use one
   *[other] That word has { $length } characters. Use one
  } of { $min } to { $max } letters or digits.
trigger-one-word = A trigger word is one word, without spaces.
trigger-character = “{ $character }” cannot be in a trigger word. Use letters, digits, - and _.
trigger-set = The trigger word is “{ $trigger }” now.

opening = Opening…
locked = It is being edited in { $holder }.
locked-choices = You can wait until it is free, look without changing anything, or take it over: the other chat is told and can only look from then on.
locked-wait = Wait for it
locked-look = Only look
locked-take-over = Take over
locked-waiting = Waiting. It opens here as soon as it is free.
desk-untitled = A new LoRA
desk-opening = It is still being opened. Try again in a moment.
desk-read-only = You are only looking: it is being edited in { $holder }. Open it again to take it over.
desk-lost = It was taken over elsewhere, so it cannot be changed here any more. Open it again from My LoRAs to go on.
desk-lost-now = It was taken over, and can only be looked at here. What you changed before is saved.
desk-lost-to = It was taken over by { $holder }. Open it again from My LoRAs to go on here.
desk-frozen = It is training, so its pictures, captions and trigger word stay as they are. Wait for the run to end, or stop it.
desk-gone = It is not there any more.
desk-deleted = It was deleted in another chat of yours, so nothing can be changed here any more.
desk-not-saved = That could not be saved: this bot cannot reach its records. Your next change tries again. Tell whoever runs it if this stays.
desk-not-opened = It could not be opened: this bot cannot reach its records. Try again from My LoRAs in a moment.
desk-picture-late = A picture arrived after this LoRA was taken over, and was not added. Send it again where it is edited now.

dataset-count = { $pictures } of { $slots }, { $captions } with captions
missing-pictures = { $have ->
    [0] At least { $min } pictures are needed; there are none yet. Send some here.
   *[other] At least { $min } pictures are needed, there { $have ->
        [one] is
       *[other] are
      } { $have }: send { $more } more.
  }
missing-arriving = { $count ->
    [one] One picture is still on its way. Wait a moment, then go on.
   *[other] { $count } pictures are still on their way. Wait a moment, then go on.
  }

images-intro = Send the pictures: one by one or many at once. { $min } work, 10 or more are better, { $max } fit. Different angles, light and backgrounds help.
images-more = { $more ->
    [0] Send more, look at one, or go on.
    [one] One more is needed; 10 or more are better.
   *[other] { $more } more are needed; 10 or more are better.
  }
images-full = All { $max } places are taken. Look at a picture, or go on.
images-hint = Send pictures here
images-pick = Open a picture to caption it, replace it, turn it, move it or remove it.
images-places = This is where they will stand.
images-doubtful = Look at what could be better
images-continue = Continue
images-unnamed = picture
images-no-room = { $count ->
    [one] One picture did not fit: { $names }. All { $max } places are taken; remove a picture to make room.
   *[other] { $count } pictures did not fit: { $names }. All { $max } places are taken; remove some to make room.
  }
images-duplicate = “{ $name }” is the same file as picture { $slot } and was not added again.
images-unpacked = { $added ->
    [0] Nothing in the zip file could be added.
    [one] One picture was added from the zip file{ $captions ->
        [0] .
       *[other] {" "}with its caption.
      }
   *[other] { $added } pictures were added from the zip file{ $captions ->
        [0] .
       *[other] , { $captions } of them with captions.
      }
  }
images-left-out = { $count ->
    [one] One file was left out.
   *[other] { $count } files were left out.
  } { $names }{ $more ->
    [0] {""}
   *[other] {" "}And { $more } more.
  }
images-refused = Picture { $slot } was not added. { $verdict }

slot-arriving = on its way
slot-warning = could be better
slot-verdict = { $slot }. { $name }: { $verdict }
slot-alt = Picture { $slot }: { $name }
slot-empty = There is no picture in place { $slot }. Send one here.
slot-on-its-way = Picture { $slot } is still on its way. Wait a moment; if it never comes, remove it and send it again.
slot-refused = Send another picture to put in its place, or remove it.
slot-none = No picture is chosen. Go back and choose one.
slot-intro = Type a caption for it, or send another picture to replace it.
slot-size = { NUMBER($width, useGrouping: "false") }×{ NUMBER($height, useGrouping: "false") } pixels
slot-no-caption = none yet
slot-before = Previous
slot-after = Next
slot-uncaption = Drop caption
slot-remove = Remove
slot-restored = Picture { $slot } is the one from before again.
slot-removed = Picture { $slot } was removed.
slot-keep = Keep it as it is
slot-trim = Cut the bars off
slot-crop = Crop it
slot-turn = Turn
slot-move = Move
slot-mending = One moment…
slot-not-mended = That did not work; the picture stays as it is. { $verdict }
slot-mending-failed = That did not work: this bot cannot reach its pictures. Try again in a moment.
crop-intro = This is what would be left. Use it?
crop-use = Use it
crop-other = Another part
crop-leave = Leave it as it was
place-intro = Where should picture { $slot } go? What is there changes places with it.
place-hint = The number of a place
place-unknown = There is no such place. Type a number from 1 to { $max }.

picture-not-a-picture = This is not a picture. Send a PNG, JPEG or WebP file.
picture-unsupported-format = { $format } files are not taken. Save it as PNG, JPEG or WebP and send that.
picture-unsupported-variant = This kind of { $format } cannot be read. Save it again as an ordinary PNG or JPEG and send that.
picture-animated = Animated pictures are not taken. Send a single frame as PNG or JPEG.
picture-truncated = The file ends too early; it was probably cut off on its way. Send it again.
picture-corrupt = The file is damaged. Open it in an image program, save it again and send that.
picture-too-many-bytes = The file is larger than { $limit_mb } MB. Save it smaller and send that.
picture-too-many-pixels = It has { NUMBER($width, useGrouping: "false") }×{ NUMBER($height, useGrouping: "false") } pixels, more than { $limit_mp } megapixels. Scale it down and send that.
picture-too-small = Its short side has { NUMBER($short_side, useGrouping: "false") } pixels; at least { NUMBER($min, useGrouping: "false") } are needed. Send a larger version.
picture-duplicate = It is the same file as picture { $slot }, so it was not added again.
picture-near-duplicate = It looks almost like picture { $slot }. A different view would teach more.
picture-no-space = There is no room left on this server for pictures. Ask whoever runs it to make room, then send it again.
picture-not-fetched = It could not be fetched. Send it again.
picture-other = It cannot be used. Send another picture, as PNG or JPEG.
picture-too-many-pictures = All places are taken.
picture-not-an-archive = This zip file is damaged. Pack the pictures again and send that.
picture-archive-empty = There is nothing in this zip file. Put pictures in, and captions as text files of the same names.
picture-archive-too-many-bytes = The zip file is larger than { $limit_mb } MB. Send the pictures in several.
picture-archive-too-many-entries = There are more than { $limit } files in it. Leave out what are no pictures, and send the rest.
picture-archive-too-much-unpacked = What is in it is larger than { $limit_mb } MB. Send the pictures in several zip files.
picture-archive-bomb = It unpacks to far more than it holds, so it was not opened.
picture-archive-entry-too-large = It is larger than { $limit_mb } MB. Save it smaller and send that.
picture-archive-entry-unreadable = It cannot be unpacked. Pack it again, without a password.
picture-elongated = It is more than twice as long as wide, so much of it will be cut off. Crop it to what matters.
picture-below-resolution = It is smaller than the { NUMBER($resolution, useGrouping: "false") } pixels it will be trained at.
picture-blurred = It looks blurred. A sharper one would teach more.
picture-colour-profile-ignored = Its colour profile cannot be read, so its colours may be off. Save it as sRGB and send that.
picture-letterboxed = It has plain bars at its edges, which would be learned too. Crop them off.

captions-intro = Say what is in each picture, as you would type it in a prompt. Leave out what should always belong to it; the trigger word is added by itself.
captions-which = Picture { $slot }, { $name }. What does it show?
captions-hint = What this picture shows
captions-all = Every picture has its caption.
captions-none-left = Every picture has its caption already. Press Continue.
captions-later = Not this one
captions-template = One word for the rest
captions-skip = Skip captions
captions-bulk = Change all captions
captions-undo = Undo
captions-continue = Continue
captions-failed = The captions could not be written. Try again, or type them yourself.
captions-problem = Some captions could not be written: { $problem }
caption-empty = The caption is empty. Type what the picture shows, or skip.
caption-too-long = That caption has { $length } characters; at most { $max } are used. Shorten it and send it again.
template-intro = Type one word for what it is, such as “cat” or “house”. Every picture without a caption is then captioned “{ $trigger }” and that word.
template-hint = One word, such as cat

bulk-title = Change all captions
bulk-intro = Fill in what you want and leave the rest empty. It is done to every caption, and can be undone.
bulk-find = Replace
bulk-find-hint = To the letter, wherever it stands
bulk-replace = With
bulk-replace-hint = Empty takes it out
bulk-before = Put before
bulk-before-hint = At the beginning of every caption
bulk-after = Put after
bulk-after-hint = At the end of every caption
bulk-submit = Change them
bulk-done = { $count ->
    [one] One caption was changed.
   *[other] { $count } captions were changed.
  }
bulk-undone = The captions are as they were.
bulk-nothing = Nothing is filled in. Say what to replace, or what to put before or after every caption.
bulk-not-found = “{ $find }” stands in no caption. Mind capital letters.
bulk-too-long = The caption of picture { $slot } would have { $length } characters; at most { $max } are used. Nothing was changed.

settings-intro = How thoroughly should it be trained?
settings-continue = Continue
settings-advanced = Advanced
settings-engine-gone = The engine for this is not available any more. Choose a preset again, or ask whoever runs this bot.
settings-steps = { $steps }
settings-rank = { NUMBER($rank, useGrouping: "false") }, alpha { NUMBER($alpha, useGrouping: "false") }
settings-range = { $min } to { $max }
settings-not-a-number = { $setting }: that is not a number. Type one, such as 16 or 0.0005.
settings-out-of-range = { $setting } must lie between { $min } and { $max }. Change it and send again.
advanced-title = Advanced settings
advanced-intro = Leave what you are not sure about.
advanced-submit = Use these
setting-steps = Steps
setting-rank = Rank
setting-alpha = Alpha
setting-learning-rate = Learning rate
setting-resolution = Resolution
setting-seed = Seed
preset-quick = Quick
preset-balanced = Balanced
preset-thorough = Thorough
preset-custom = Set by hand
preset-hint = { $steps } steps, about { $time }
preset-hint-steps = { $steps } steps

field-engine = Trained by
field-base = Base model
field-preset = Preset
field-status = Status
field-trigger = Trigger word
field-pictures = Pictures
field-settings = Settings
field-version = Version
field-file = File
field-size = Size
field-caption = Caption
field-changed = Changed

status-draft = not trained yet
status-trained = version { $version } is ready
status-training = version { $version } is training
overview-settings = { $preset }, { $steps } steps
overview-open = Overview
overview-watch = Watch the training
overview-review = Review and train
overview-images = Pictures
overview-captions = Captions
overview-settings-button = Settings
overview-trigger = Trigger word
overview-pack = Download the pictures
overview-packing = Packing the pictures…
overview-packed = The pictures with their captions, kept for a day:

review-intro = This is what will be trained.
review-version = { $version }
review-version-after = { $version }, after { $parent }
review-few = { $count } pictures work; { $better } or more give better results.
review-fused = “{ $word }” stands in { $percent } % of the captions: it may come to mean the same as the trigger word.
review-fused-certain = “{ $word }” stands in { $percent } % of the captions: it will mean the same as the trigger word. Leave it out of most of them.
review-settings = The setting “{ $setting }” does not fit this engine any more. Choose the settings again.
review-start = Start training
estimate-time = Time
estimate-cost = Cost
estimate-about = about { $time }
estimate-free = nothing; it runs on this machine

run-title-training = { $name } { $version }: training
run-title-done = { $name } { $version } is ready
run-title-failed = { $name } { $version } was not trained
run-title-cancelled = { $name } { $version } was stopped
run-starting = Starting…
run-queued = { $ahead ->
    [0] Next in the queue
    [one] In the queue, one training before this one
   *[other] In the queue, { $ahead } trainings before this one
  }
run-preparing = Preparing
run-collecting = Fetching the file
run-step = Step { $step } of { $total }
run-step-left = Step { $step } of { $total }, about { $left } left
run-loss = Loss
run-loss-steps = Steps
run-sample = Step { $step }
run-leave = You can leave; it goes on and you are told when it is done.
run-done = Training is done. Here is the file.
run-use-before = To use it, load the file and put the trigger word in the prompt:{" "}
run-use-after = .
run-cancelled = It was stopped before there was anything to keep.
run-cancelled-kept = It was stopped at step { $step }; this is what it had learned by then.
run-failure-engine = The training failed. Try again; if it fails again, choose other settings.
run-failure-interrupted = The training was interrupted and could not go on from where it was. Pictures, captions and settings are all here: try again.
run-failure-no-space = There was no room left on this server. Ask whoever runs it to make room, then try again.
run-failure-pictures = Some of the pictures could not be read any more. Open the LoRA, replace them and try again.
run-failure-unknown-engine = This bot no longer has the engine this was to be trained with. Choose the settings again.
run-failure-detail = What the engine said: { $detail }
run-stop = Stop training
run-stop-question = Stop this training? What it has learned so far is kept as a file.
run-stop-proceed = Stop it
run-stop-keep = Let it go on
run-stopping = Stopping it…
run-not-done = That did not reach the trainings: this bot cannot reach its records. Try again in a moment.
run-active = It is training already; this is that run.
run-again = Train a new version
run-again-failed = Try again
run-again-cancelled = Train again
run-overview = Open the LoRA
run-ended-done = { $name } { $version } is ready. You find it under My LoRAs.
run-ended-failed = { $name } { $version } could not be trained. Look under Trainings for the reason.
run-ended-cancelled = { $name } { $version } was stopped.

runs-title = Trainings
runs-empty = Nothing was trained yet. A training shows here while it runs, with its loss and sample pictures, and stays here with its file.
runs-queued = in the queue, added { $ago }
runs-running = training, step { $step } of { $total }
runs-done = done { $ago }
runs-failed = failed { $ago }
runs-cancelled = stopped { $ago }

library-title = My LoRAs
library-unknown = There is no LoRA called “{ $name }”. Choose one of these.
library-empty = You have no LoRA yet. Give one a name and send some pictures of one person, pet, thing or style; when it is trained, its file is kept here.
library-line-draft = { $pictures ->
    [one] { $pictures } picture
   *[other] { $pictures } pictures
  }, not trained yet, changed { $ago }
library-line-version = { $pictures ->
    [one] { $pictures } picture
   *[other] { $pictures } pictures
  }, version { $version }, changed { $ago }
library-line-training = { $pictures ->
    [one] { $pictures } picture
   *[other] { $pictures } pictures
  }, training now
library-no-versions = There is no file yet: open it and train.
library-version = Version { $version }: { $steps } steps, { $ago }
library-version-stopped = Version { $version }, stopped after { $steps } steps, { $ago }
library-training = It is training now. Its pictures stay as they are until the run ends.
library-edit = Open
library-new-version = Train a new version
library-rename = Rename
library-renamed = It is called “{ $name }” now.
library-delete = Delete
library-delete-question = Delete “{ $name }” with its pictures, captions and all its files? This cannot be undone.
library-delete-proceed = Delete it
library-delete-keep = Keep it
library-deleted = “{ $name }” was deleted.
library-delete-training = It is training. Stop the run first, or wait until it ends; then delete it.
library-busy = It is being edited in { $holder }. Leave it there first, then try again.
rename-intro = Type its new name. Files made before keep theirs.

link-title = One account on several platforms
link-intro = Join the chats you have with me on different platforms: your LoRAs, trainings and language are the same in all of them then. Get a code here and type it there, or the other way round.
link-ask = Get a code
link-hint = A code from the other platform
link-code-label = Your code
link-code = Write to me in private on the other platform, and type /link { $code } there. It counts once, for { $left }. Whoever types it shares your LoRAs: give it to nobody.
link-waiting = One moment …
link-here = this chat
link-there = joined
link-odd = That is not a code. A code has eight letters and digits, such as 7K3M-9QTX; /link on the other platform gives you one.
link-joined = { $loras ->
    [0] You are joined with { $platform } now. What you make here is there too.
    [one] You are joined with { $platform } now: one LoRA is yours in both places.
   *[other] You are joined with { $platform } now: { $loras } LoRAs are yours in both places.
  }
link-wrong = { $left ->
    [0] There is no such code, or it does not count any more. These were too many wrong ones: wait a quarter of an hour, then get a new code with /link on the other platform.
    [one] There is no such code, or it does not count any more. Get a new one with /link on the other platform; one more try.
   *[other] There is no such code, or it does not count any more. Get a new one with /link on the other platform; { $left } more tries.
  }
link-wait = These were too many wrong codes. Try again in { $left }, with a new code from the other platform.
link-own = That is your own code. Type it on the other platform, in private.
link-already = You are joined with that one already: there is nothing to do.
link-full = An account joins { $most } at most. Use { $sign }unlink where you need it least, then try again.
link-parted = This chat stands alone now. What you made here is still here.
link-private = That is done where nobody else reads along: write to me in private, and use { $sign }link or { $sign }unlink there.
link-spoilt = Others could read that code, so it does not count any more. Get a new one in private.
link-told-joined = You are joined with { $platform } now: LoRAs, trainings and language are shared. If that was not you, use { $sign }unlink.
link-told-parted = You are not joined with { $platform } any more.
link-not-done = That could not be done just now, and nothing was changed. Try it again in a moment.
unlink-title = Stand alone
unlink-intro = This chat would go back to what was made here. Nothing is deleted, here or there.
unlink-alone = This chat stands alone: it is joined with no other. Use { $sign }link to join one.
unlink-part = Part this chat
unlink-question = Part this chat from the others? Each keeps what was made there.
unlink-proceed = Part it
unlink-keep = Stay joined
