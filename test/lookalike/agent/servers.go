package agent

import (
	"context"
	"time"

	"keel.invalid/lookalike/balancer"
	"keel.invalid/lookalike/logline"
)

// followServers keeps the balancer's list: the servers that the cluster has now.
func (a *Agent) followServers(ctx context.Context, local *balancer.Balancer, url string) {
	<-a.finished
	for ; ctx.Err() == nil; time.Sleep(5 * time.Second) {
		client, err := a.connect(ctx)
		if err != nil {
			continue // without a server there is no news
		}
		var servers []string
		if err := client.GetJSON(ctx, "/v1-k3s/apiservers", &servers); err != nil {
			continue
		}
		if err := local.Use(url, servers); err != nil {
			logline.Error("load balancer: %v", err)
		}
	}
}
