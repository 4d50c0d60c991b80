// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Objects;
using Sealock.Gateway.Addresses;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Pipeline;

namespace Sealock.Gateway.Users;

/// <summary>
/// Bounds how often secrets may be tried: by one client, and by all together.
/// </summary>
internal sealed class AttemptLimit(Rate perAddress, Rate overall, TimeProvider clock)
{
    private const int Addresses = 4096;

    private readonly TokenBuckets<AddressKey> _byAddress = new(perAddress, Addresses, clock);
    private readonly TokenBucket _all = new(overall, clock);

    /// <summary>Counts an attempt.</summary>
    /// <exception cref="ApiException">429: there were too many.</exception>
    public void Enter(GatewayExchange exchange)
    {
        if (!_byAddress.TryTake(AddressKey.Of(exchange.Client.Address), out var wait) || !_all.TryTake(out wait))
            throw TooMany(wait);
    }

    /// <summary>The answer to one attempt too many.</summary>
    public static ApiException TooMany(TimeSpan wait) => ApiException.TooManyRequests(
        "too many attempts; wait a little, then try again", Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)));
}
