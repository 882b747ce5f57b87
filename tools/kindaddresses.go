package tools

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"podman-mcp/parse"
)

// UnmarshalText rebuilds the address, which may have no zone.
func (v *IP) UnmarshalText(text []byte) error {
	ip, err := netip.ParseAddr(string(text))
	if err != nil || ip.Zone() != "" || ip.Is4In6() {
		return fmt.Errorf("%q is no IP address", text)
	}
	*v = IP(ip.String())
	return nil
}

// UnmarshalText cuts the address to the network's own: of 10.89.7.5/24 podman
// takes 10.89.7.0/24.
func (v *Subnet) UnmarshalText(text []byte) error {
	subnet, err := netip.ParsePrefix(string(text))
	if err != nil || subnet.Bits() == 0 || subnet.Addr().Is4In6() {
		return fmt.Errorf("%q is no subnet", text)
	}
	*v = Subnet(subnet.Masked().String())
	return nil
}

// holds tells whether ip lies in the subnet.
func (v Subnet) holds(ip IP) bool {
	subnet, errSubnet := netip.ParsePrefix(string(v))
	addr, errAddr := netip.ParseAddr(string(ip))
	return errSubnet == nil && errAddr == nil && subnet.Contains(addr)
}

var portParts = parse.Lazily(`^(?:(?:\[?([0-9a-fA-F:.]+?)\]?:)?([0-9-]*):)?([0-9-]+)(?:/(tcp|udp|sctp))?$`)

// UnmarshalText rebuilds the port from its checked parts. Without an address
// it binds 127.0.0.1: podman's own default opens the port to the network.
func (v *Port) UnmarshalText(text []byte) error {
	parts := portParts().FindStringSubmatch(string(text))
	if parts == nil {
		return fmt.Errorf("%q is no port", text)
	}
	address, host, container, protocol := parts[1], parts[2], parts[3], parts[4]
	if address == "" {
		address = "127.0.0.1"
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return fmt.Errorf("%q: %q is no IP address", text, address)
	}
	inside, err := portRange(container)
	if err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	if host != "" {
		outside, err := portRange(host)
		if err != nil {
			return fmt.Errorf("%q: %w", text, err)
		}
		if outside != inside {
			return fmt.Errorf("%q: a range of %d ports cannot serve %d", text, outside, inside)
		}
	} else if inside != 1 {
		return fmt.Errorf("%q: a range needs its ports on the host", text)
	}
	address = ip.String()
	if ip.Is6() {
		address = "[" + address + "]"
	}
	*v = Port(address + ":" + host + ":" + container)
	if protocol != "" {
		*v += Port("/" + protocol)
	}
	return nil
}

// portRange returns how many ports N or N-M are.
func portRange(s string) (int, error) {
	from, to, ok := strings.Cut(s, "-")
	if !ok {
		to = from
	}
	a, errA := strconv.Atoi(from)
	b, errB := strconv.Atoi(to)
	if errA != nil || errB != nil || a < 1 || b > 65535 || b < a {
		return 0, fmt.Errorf("%s is no port or range from 1 to 65535", s)
	}
	return b - a + 1, nil
}
