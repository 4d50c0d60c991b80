// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using Sealock.Api.Objects;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Pipeline;

namespace Sealock.Gateway.Users;

/// <summary>
/// Bounds how often secrets may be tried: from one address (of IPv6 one network of 64 bits, as it is what one client is
/// given), and from all together.
/// </summary>
internal sealed class AttemptLimit(Rate perAddress, Rate overall, TimeProvider clock)
{
    private const int Addresses = 4096;

    private readonly TokenBuckets<UInt128> _byAddress = new(perAddress, Addresses, clock);
    private readonly TokenBucket _all = new(overall, clock);

    /// <summary>Counts an attempt.</summary>
    /// <exception cref="ApiException">429: there were too many.</exception>
    public void Enter(GatewayExchange exchange)
    {
        if (!_byAddress.TryTake(KeyOf(exchange.Http.Connection.RemoteIpAddress), out var wait) || !_all.TryTake(out wait))
            throw TooMany(wait);
    }

    /// <summary>The answer to one attempt too many.</summary>
    public static ApiException TooMany(TimeSpan wait) => ApiException.TooManyRequests(
        "too many attempts; wait a little, then try again", Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)));

    /// <summary>What counts as one client.</summary>
    internal static UInt128 KeyOf(IPAddress? address)
    {
        if (address is null)
            return 0;
        Span<byte> bytes = stackalloc byte[16];
        var mapped = address.MapToIPv6();
        mapped.TryWriteBytes(bytes, out _);
        var isIpv4 = address.AddressFamily == AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6;
        if (!isIpv4)
            bytes[8..].Clear();
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
