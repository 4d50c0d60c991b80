// SPDX-License-Identifier: Apache-2.0
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;
using Sealock.Gateway.Limits;

namespace Sealock.Gateway.Pipeline;

/// <summary>
/// Connects Kestrel to the pipeline: one exchange per connection or stream, used again for each request.
/// </summary>
internal sealed class GatewayApplication(GatewayPipeline pipeline, GatewayLimits limits, TimeProvider clock)
    : IHttpApplication<GatewayExchange>
{
    /// <inheritdoc/>
    public GatewayExchange CreateContext(IFeatureCollection contextFeatures)
    {
        GatewayExchange exchange;
        if (contextFeatures is IHostContextContainer<GatewayExchange> container)
            exchange = container.HostContext ??= new GatewayExchange(clock, limits);
        else
            exchange = new GatewayExchange(clock, limits);
        exchange.Begin(contextFeatures);
        return exchange;
    }

    /// <inheritdoc/>
    public Task ProcessRequestAsync(GatewayExchange context) => pipeline.RunAsync(context);

    /// <inheritdoc/>
    public void DisposeContext(GatewayExchange context, Exception? exception) => context.End();
}
