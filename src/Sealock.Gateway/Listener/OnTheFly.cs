// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Microsoft.Extensions.Logging;
using Sealock.Gateway.Limits;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Paths;
using Sealock.Pki.Tls;

namespace Sealock.Gateway.Listener;

/// <summary>Makes a serving certificate for a name or an address.</summary>
/// <param name="name">A host name in lower case, or an IP address.</param>
/// <param name="clientAuthorities">The CAs to name when client certificates are asked for; null: none are.</param>
/// <exception cref="PkiFormatException">It cannot be made.</exception>
public delegate ServingCertificate ServingCertificateMaker(string name, TrustPool? clientAuthorities);

/// <summary>
/// Certificates for whatever name the server was reached by: one for each, so that names never accumulate in one;
/// bounded in number, made at a limited rate, kept in memory only. Beyond the rate, and for what is no name, there is
/// none.
/// </summary>
internal sealed partial class OnTheFly(ServingCertificateMaker make, TimeProvider clock, ILogger log)
{
    /// <summary>Certificates kept.</summary>
    public const int Capacity = 256;

    private const int LongestName = 253;
    private static readonly Rate MakingRate = new(PerSecond: 20, Burst: 64);

    private readonly BoundedTable<string, ServingCertificate> _made = new(Capacity, StringComparer.Ordinal);
    private readonly TokenBucket _rate = new(MakingRate, clock);
    private long _refused;

    /// <summary>How many are kept.</summary>
    public int Count => _made.Count;

    /// <summary>How many were not made, because too many were asked for.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>
    /// The name to make a certificate for: the one asked for, if it is a host name (RFC 1123); without one, the address
    /// that the client connected to, which is also the only address that may be asked for. Null where it is neither.
    /// </summary>
    public static string? NameFor(string serverName, string localAddress)
    {
        if (serverName.Length == 0)
            return localAddress.Length == 0 ? null : localAddress;
        if (serverName.Length > LongestName)
            return null;
        if (IPAddress.TryParse(serverName, out _))
            return serverName == localAddress ? localAddress : null;
        return HostNames.IsValidDnsName(serverName, allowWildcard: false) && !serverName.Contains('_', StringComparison.Ordinal)
            && serverName.AsSpan(serverName.LastIndexOf('.') + 1).ContainsAnyExceptInRange('0', '9')
            ? serverName.ToLowerInvariant()
            : null;
    }

    /// <summary>The certificate for a name that <see cref="NameFor"/> gave, made where there is none; null: there is none.</summary>
    public ServingCertificate? For(string name, TrustPool? clientAuthorities)
    {
        if (_made.TryGet(name, out var present) && IsFresh(present.Certificate))
            return present;
        if (!_rate.TryTake(out _))
        {
            Interlocked.Increment(ref _refused);
            return null;
        }

        try
        {
            var made = make(name, clientAuthorities);
            _made.Set(name, made);
            return made;
        }
        catch (PkiFormatException fault)
        {
            LogNotMade(name, fault.Message);
            return null;
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => _made.Clear();

    private bool IsFresh(Certificate certificate) =>
        certificate.NotAfter - clock.GetUtcNow() > certificate.Lifetime / 3;

    [LoggerMessage(LogLevel.Warning, "No certificate could be made for {Name}: {Why}")]
    private partial void LogNotMade(string name, string why);
}
