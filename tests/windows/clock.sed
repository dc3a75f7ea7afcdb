# All in which the text of hvgpu.exe on hosts differs from that of the Linux program on the same
# world through --wmi (windows/wmi.sh); each with its reason.

# These hosts have the machine's clock, and the simulated world has its own: moments,
s/20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} [A-Z]+/MOMENT/g
s/20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z/MOMENT/g
# and how long it took.  On hosts that is as fast as the test lets the world run.
s/ (was off for|done after) [0-9]+ (s|min|h)\b/ \1 AWHILE/g
# The door is part of what to type next.
s/ --wmi//
