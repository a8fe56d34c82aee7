// Package v20170312 stands for a cloud's client that the module proxy does not have: flannel only compiles with it.
package v20170312

import "errors"

type (
	Client struct{}
	Filter struct {
		Name   *string
		Values []*string
	}
	DescribeRequest  struct{ Filters []*Filter }
	DescribeResponse struct {
		Response struct{ RouteTableSet []*RouteTable }
	}
	RouteTable struct {
		RouteTableId *string
		RouteSet     []*Route
	}
	Route struct {
		RouteId                                                 *uint64
		DestinationCidrBlock, GatewayId, GatewayType, RouteType *string
		Enabled                                                 *bool
	}
	RoutesRequest struct {
		RouteTableId *string
		Routes       []*Route
	}
)

var errNone = errors.New("this build has no such cloud")

func NewClientWithSecretId(_, _, _ string) (*Client, error)                     { return nil, errNone }
func NewDescribeRouteTablesRequest() *DescribeRequest                           { return &DescribeRequest{} }
func NewDeleteRoutesRequest() *RoutesRequest                                    { return &RoutesRequest{} }
func NewCreateRoutesRequest() *RoutesRequest                                    { return &RoutesRequest{} }
func (*Client) DescribeRouteTables(*DescribeRequest) (*DescribeResponse, error) { return nil, errNone }
func (*Client) DeleteRoutes(*RoutesRequest) (any, error)                        { return nil, errNone }
func (*Client) CreateRoutes(*RoutesRequest) (any, error)                        { return nil, errNone }
