set -eu
# the port by itself: a namespace's interfaces go some time after its name
ip -n keel.demo link delete server-1 2> /dev/null || true
ip netns delete keel.demo.server-1 2> /dev/null || true
[ "$1" = up ] || exit 0
ip netns add keel.demo.server-1
ip -n keel.demo -batch - <<END
link add server-1 type veth peer name eth0 address 02:00:0a:4d:00:0b netns keel.demo.server-1
link set server-1 master br0 up
END
ip -n keel.demo.server-1 -batch - <<END
link set lo up
address add 10.77.0.11/24 dev eth0
link set eth0 up
route add default via 10.77.0.254
route add 10.42.2.0/24 via 10.77.0.12
route add 10.42.3.0/24 via 10.77.0.13
END

set -eu
# the port by itself: a namespace's interfaces go some time after its name
ip -n keel.demo link delete agent-1 2> /dev/null || true
ip netns delete keel.demo.agent-1 2> /dev/null || true
[ "$1" = up ] || exit 0
ip netns add keel.demo.agent-1
ip -n keel.demo -batch - <<END
link add agent-1 type veth peer name eth0 address 02:00:0a:4d:00:0c netns keel.demo.agent-1
link set agent-1 master br0 up
END
ip -n keel.demo.agent-1 -batch - <<END
link set lo up
address add 10.77.0.12/24 dev eth0
link set eth0 up
route add default via 10.77.0.254
route add 10.42.1.0/24 via 10.77.0.11
route add 10.42.3.0/24 via 10.77.0.13
END

set -eu
# the port by itself: a namespace's interfaces go some time after its name
ip -n keel.demo link delete spare-1 2> /dev/null || true
ip netns delete keel.demo.spare-1 2> /dev/null || true
[ "$1" = up ] || exit 0
ip netns add keel.demo.spare-1
ip -n keel.demo -batch - <<END
link add spare-1 type veth peer name eth0 address 02:00:0a:4d:00:0d netns keel.demo.spare-1
link set spare-1 master br0 up
END
ip -n keel.demo.spare-1 -batch - <<END
link set lo up
address add 10.77.0.13/24 dev eth0
link set eth0 up
route add default via 10.77.0.254
route add 10.42.1.0/24 via 10.77.0.11
route add 10.42.2.0/24 via 10.77.0.12
END
