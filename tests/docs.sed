# What may differ between the documentation and a run of its examples: measured times and ratios.
s/\b[0-9]+ ?m ?[0-9]+(\.[0-9]+)? ?s\b/<time>/g
s/\b[0-9]+(\.[0-9]+)? ?(ms|s)\b/<time>/g
s/\b[0-9]+\.[0-9]+(x\b|×)/<ratio>/g
# Whether running side by side has won time in so short a run.
/^time /s/, one after the other .*//
# Columns shift with the width of a time.
/<(time|ratio)>/s/ +/ /g
# Where the store is, and what a run is called.
s|to run it again alone: .*/|to run it again alone: <folder>/|
s/\brun [0-9a-f]{16}\b/run <id>/
# What reports say of times and runs.
s/\btime="[0-9.]+"/time="<time>"/g
s/^( *)duration: [0-9.]+$/\1duration: <time>/
s/\brun `[0-9a-f]{16}`/run <id>/
s/\bbegun 20[0-9T:.-]+Z/begun <time>/
