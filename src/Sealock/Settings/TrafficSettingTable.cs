// SPDX-License-Identifier: Apache-2.0
using Sealock.Gateway.Forwarding;
using Sealock.Gateway.Limits;

namespace Sealock.Settings;

/// <summary>
/// The settings about who may come in, by whom, and how much of it. In a configuration file, changes of most of them take effect
/// while the server runs.
/// </summary>
internal static class TrafficSettingTable
{
    private const int Most = 1_000_000;

    public static IReadOnlyList<Setting> All { get; } =
    [
        new("allow-cidrs", "CIDRS", "addresses that clients may come from, such as 10.0.0.0/8,2001:db8::/32; others are closed before TLS (default: all); repeatable",
            (r, v) => r.Traffic.Allow(r, v)) { Repeatable = true, Live = true },
        new("deny-cidrs", "CIDRS", "addresses that clients may not come from, whatever --allow-cidrs says; repeatable",
            (r, v) => r.Traffic.Deny(r, v)) { Repeatable = true, Live = true },
        new("address-rule", "RULE", "from where certain users may come: user=NAME,group=NAME,allow=CIDR,deny=CIDR, each as often as needed; others get 403; repeatable",
            (r, v) => r.Traffic.AddRule(r, v)) { Repeatable = true, Live = true, ApplyMapping = (r, v) => r.Traffic.AddRule(r, v) },

        new("trusted-proxies", "CIDRS", "addresses of load balancers whose word about their clients is taken, as far as the next settings say; repeatable",
            (r, v) => r.Traffic.TrustProxies(r, v)) { Repeatable = true, Live = true },
        new("proxy-protocol", "off|optional|required", "whether trusted proxies start connections with a PROXY protocol header, version 1 or 2 (default off)",
            (r, v) => r.Traffic.ProxyProtocol = Choice(r, v, ("off", ProxyProtocolUse.Off), ("optional", ProxyProtocolUse.Optional), ("required", ProxyProtocolUse.Required)))
            { Live = true },
        new("forwarded-header", "none|x-forwarded|forwarded", "where trusted proxies name their clients: X-Forwarded-For, -Proto and -Host, or Forwarded (default none)",
            (r, v) => r.Traffic.Forwarded = Choice(r, v, ("none", ForwardedForm.None), ("x-forwarded", ForwardedForm.XForwarded), ("forwarded", ForwardedForm.Forwarded)))
            { Live = true },
        new("external-tls", "", "TLS ends at the trusted proxies: plain HTTP is accepted from them, and from nobody else",
            (r, v) => r.Traffic.ExternalTls = r.Boolean(v) ?? false) { Live = true },
        new("external-tls-assumed", "", "take what they send for sent to them over TLS, also where they do not say so",
            (r, v) => r.Traffic.ExternalTlsAssumed = r.Boolean(v) ?? false) { Live = true },
        new("external-ca-file", "FILE", "CA of the certificate that they show to clients (PEM bundle): what /cacerts answers",
            (r, v) => r.Traffic.ExternalCaFile = r.File(v)),

        new("max-connections-per-address", "N", "most open connections of one address, or of one IPv6 /64 (default 10000; 0: no limit)",
            (r, v) => r.Traffic.ConnectionsPerAddress = Number(r, v)) { Live = true },
        new("max-requests-inflight-per-user", "N", "most read requests of one user at once (default: half of --max-requests-inflight; 0: no limit)",
            (r, v) => r.Traffic.UserReading = Number(r, v)) { Live = true },
        new("max-mutating-requests-inflight-per-user", "N", "most writing requests of one user at once (default: half of --max-mutating-requests-inflight; 0: no limit)",
            (r, v) => r.Traffic.UserMutating = Number(r, v)) { Live = true },
        new("max-watches-per-user", "N", "most watches and streams of one user at once (default 5000; 0: no limit)",
            (r, v) => r.Traffic.UserStreams = Number(r, v)) { Live = true },
        new("requests-per-second-per-user", "N", "most requests of one user per second, in the long run (default 0: no limit)",
            (r, v) => r.Traffic.UserRate = Number(r, v)) { Live = true },
        new("request-burst-per-user", "N", "most requests of one user at once after a pause (default: those of two seconds)",
            (r, v) => r.Traffic.UserBurst = r.Integer(v, 1, Most)) { Live = true },
        new("large-requests-per-second-per-user", "N", "most requests of one user per second with a body above 256 KiB, and ten times as many at once (default 1; 0: no limit)",
            (r, v) => r.Traffic.UserLargeBodies = Number(r, v)) { Live = true },
        new("max-requests-inflight-per-address", "N", "most requests of one address at once, reading and writing apart (default 0: no limit)",
            (r, v) => r.Traffic.AddressInFlight = Number(r, v)) { Live = true },
        new("requests-per-second-per-address", "N", "most requests of one address per second, in the long run (default 0: no limit)",
            (r, v) => r.Traffic.AddressRate = Number(r, v)) { Live = true },
        new("request-burst-per-address", "N", "most requests of one address at once after a pause (default: those of two seconds)",
            (r, v) => r.Traffic.AddressBurst = r.Integer(v, 1, Most)) { Live = true },
        new("limit-exempt-groups", "NAMES", "groups that limits per user and per address are not for, beside system:masters; repeatable",
            (r, v) => r.Traffic.ExemptGroups.AddRange(SettingsReader.List(v))) { Repeatable = true, Live = true },
    ];

    private static int Number(SettingsReader reader, string value) => reader.Integer(value, 0, Most) ?? 0;

    private static T Choice<T>(SettingsReader reader, string value, params (string Name, T Value)[] choices)
    {
        foreach (var (name, choice) in choices)
        {
            if (name == value)
                return choice;
        }

        reader.Mistake($"\"{value}\" is none of {string.Join(", ", choices.Select(choice => choice.Name))}");
        return choices[0].Value;
    }
}
