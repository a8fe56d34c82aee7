// flannel stands for flannel's CNI plugin, which the module proxy does not have: it hands a pod's network to bridge, with
// the subnet that flanneld has written down.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/containernetworking/cni/pkg/invoke"
	"github.com/containernetworking/cni/pkg/skel"
	"github.com/containernetworking/cni/pkg/types"
	"github.com/containernetworking/cni/pkg/version"
)

type configuration struct {
	types.NetConf
	Delegate map[string]any `json:"delegate"`
}

func main() {
	skel.PluginMainFuncs(skel.CNIFuncs{Add: add, Del: remove, Check: check}, version.All, "flannel of the lab")
}

func add(arguments *skel.CmdArgs) error {
	conf, err := delegated(arguments.StdinData)
	if err != nil {
		return err
	}
	result, err := invoke.DelegateAdd(context.Background(), "bridge", conf, nil)
	if err != nil {
		return err
	}
	return result.Print()
}

func remove(arguments *skel.CmdArgs) error {
	conf, err := delegated(arguments.StdinData)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return invoke.DelegateDel(context.Background(), "bridge", conf, nil)
}

func check(*skel.CmdArgs) error { return nil }

func delegated(text []byte) ([]byte, error) {
	var conf configuration
	if err := json.Unmarshal(text, &conf); err != nil {
		return nil, err
	}
	subnet, err := subnet()
	if err != nil {
		return nil, err
	}
	mtu, err := strconv.Atoi(subnet["FLANNEL_MTU"])
	if err != nil {
		return nil, err
	}
	// flanneld writes the address of the gateway, with the length of the network.
	_, network, err := net.ParseCIDR(subnet["FLANNEL_SUBNET"])
	if err != nil {
		return nil, err
	}
	bridge := map[string]any{
		"name": conf.Name, "cniVersion": conf.CNIVersion, "type": "bridge", "mtu": mtu,
		"isGateway": true, "ipMasq": subnet["FLANNEL_IPMASQ"] != "true",
		"ipam": map[string]any{
			"type": "host-local", "subnet": network.String(),
			"routes": []any{map[string]any{"dst": subnet["FLANNEL_NETWORK"]}},
		},
	}
	for key, value := range conf.Delegate {
		bridge[key] = value
	}
	return json.Marshal(bridge)
}

// What flanneld says of this node: lines of NAME=value.
func subnet() (map[string]string, error) {
	file, err := os.Open("/run/flannel/subnet.env")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	values := map[string]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		values[name] = value
	}
	return values, nil
}
