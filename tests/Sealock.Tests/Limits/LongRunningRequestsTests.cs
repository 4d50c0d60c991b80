// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Pipeline;

namespace Sealock.Tests.Limits;

public class LongRunningRequestsTests
{
    [Fact]
    public void A_request_that_stumbles_over_its_end_does_not_keep_others_from_theirs()
    {
        var open = new LongRunningRequests(NullLogger.Instance);
        var requests = Enumerable.Range(0, 3).Select(_ => new GatewayExchange(TimeProvider.System, new GatewayLimits())).ToList();
        foreach (var request in requests)
        {
            open.Enter(request);
            request.Cancellation.Register(() => throw new InvalidOperationException("stumbles"));
        }

        open.Stop(_ => true, "over");
        Assert.All(requests, request => Assert.True(request.Cancellation.IsCancellationRequested));
    }
}
