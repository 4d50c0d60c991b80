// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Sealock.Gateway.Addresses;
using Sealock.Gateway.Forwarding;
using Sealock.Gateway.Limits;

namespace Sealock.Settings;

/// <summary>Collects what settings say about traffic, and what follows where they say nothing.</summary>
internal sealed class TrafficReader
{
    private readonly List<Cidr> _allow = [];
    private readonly List<Cidr> _deny = [];
    private readonly List<Cidr> _proxies = [];

    public List<SubjectAddressRule> Rules { get; } = [];
    public List<string> ExemptGroups { get; } = [];
    public bool ExternalTls { get; set; }
    public bool ExternalTlsAssumed { get; set; }
    public string? ExternalCaFile { get; set; }
    public ProxyProtocolUse ProxyProtocol { get; set; }
    public ForwardedForm Forwarded { get; set; }
    public int ConnectionsPerAddress { get; set; } = 10_000;
    public int? UserReading { get; set; }
    public int? UserMutating { get; set; }
    public int UserStreams { get; set; } = 5_000;
    public int UserRate { get; set; }
    public int? UserBurst { get; set; }
    public int UserLargeBodies { get; set; } = 1;
    public int AddressInFlight { get; set; }
    public int AddressRate { get; set; }
    public int? AddressBurst { get; set; }

    public void Allow(SettingsReader reader, string value) => _allow.AddRange(reader.Cidrs(value));

    public void Deny(SettingsReader reader, string value) => _deny.AddRange(reader.Cidrs(value));

    public void TrustProxies(SettingsReader reader, string value) => _proxies.AddRange(reader.Cidrs(value));

    /// <summary>Reads a rule as a flag has it: <c>user=NAME,group=NAME,allow=CIDR,deny=CIDR</c>, each as often as needed.</summary>
    public void AddRule(SettingsReader reader, string value)
    {
        var parts = new Dictionary<string, List<string>>();
        foreach (var part in SettingsReader.List(value))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || part[..equals] is not ("user" or "group" or "allow" or "deny") || equals == part.Length - 1)
            {
                reader.Mistake($"\"{part}\" is not user=NAME, group=NAME, allow=CIDR or deny=CIDR; write it like group=admins,allow=10.0.0.0/8");
                return;
            }

            if (!parts.TryGetValue(part[..equals], out var values))
                parts.Add(part[..equals], values = []);
            values.Add(part[(equals + 1)..]);
        }

        List<string> All(string key) => parts.GetValueOrDefault(key) ?? [];
        AddRule(reader, All("user"), All("group"), All("allow"), All("deny"));
    }

    /// <summary>Reads a rule as a file has it: lists <c>users</c>, <c>groups</c>, <c>allow</c>, <c>deny</c>.</summary>
    public void AddRule(SettingsReader reader, JsonObject rule)
    {
        foreach (var (key, value) in rule)
        {
            if (key is not ("users" or "groups" or "allow" or "deny"))
                reader.Mistake($"{key} is not known; a rule has users, groups, allow and deny");
            else if (value is not JsonArray list || list.Any(item => item is not JsonValue text || !text.TryGetValue<string>(out _)))
                reader.Mistake($"{key} takes a list of texts");
        }

        List<string> All(string key) => rule[key] is JsonArray list
            ? [.. list.OfType<JsonValue>().Select(item => item.TryGetValue<string>(out var text) ? text : "")]
            : [];
        AddRule(reader, All("users"), All("groups"), All("allow"), All("deny"));
    }

    /// <summary>Tells what does not go together.</summary>
    public void Check(SettingsReader reader)
    {
        if (_proxies.Count == 0)
        {
            // Whoever mistyped the addresses is told that, and not this.
            foreach (var (given, flag) in new[]
            {
                (ExternalTls, "--external-tls"), (ProxyProtocol != ProxyProtocolUse.Off, "--proxy-protocol"),
                (Forwarded != ForwardedForm.None, "--forwarded-header"),
            })
            {
                if (given && !reader.Mistakes.Any(mistake => mistake.StartsWith("--trusted-proxies:", StringComparison.Ordinal)))
                    reader.Mistakes.Add($"{flag}: of whom? Name the load balancer's addresses with --trusted-proxies");
            }
        }
        else if (ExternalTls && !ExternalTlsAssumed && Forwarded == ForwardedForm.None && ProxyProtocol == ProxyProtocolUse.Off)
        {
            reader.Mistakes.Add("--external-tls: nothing would tell whether clients came over TLS; give --forwarded-header=x-forwarded "
                + "and let the balancer set X-Forwarded-Proto and X-Forwarded-For");
        }

        if (ExternalTlsAssumed && !ExternalTls)
            reader.Mistakes.Add("--external-tls-assumed: says something about --external-tls; give that too");
        if (ExternalCaFile is not null && !ExternalTls)
            reader.Mistakes.Add("--external-ca-file: says something about --external-tls; give that too");
        if (_proxies.Any(cidr => cidr.PrefixLength == 0))
            reader.Warnings.Add("--trusted-proxies: whoever can connect is taken at their word; name the load balancer's addresses only");
        if (_allow.Count > 0 && !CidrSet.Of(_allow).Contains(System.Net.IPAddress.Loopback))
            reader.Warnings.Add("--allow-cidrs: clients on this machine are not let in, neither the administrator nor the server's own look at what it serves; add 127.0.0.0/8 if they are to be");
        if (UserBurst is not null && UserRate == 0)
            reader.Mistakes.Add("--request-burst-per-user: needs --requests-per-second-per-user");
        if (AddressBurst is not null && AddressRate == 0)
            reader.Mistakes.Add("--request-burst-per-address: needs --requests-per-second-per-address");
    }

    /// <summary>What holds. Of the places that there are for requests, one user gets half at most.</summary>
    /// <param name="reading">Places for read requests; 0 for no limit.</param>
    /// <param name="mutating">Places for writing requests; 0 for no limit.</param>
    public TrafficPolicy Finish(int reading, int mutating) => new()
    {
        Clients = new AddressFilter { Allow = CidrSet.Of(_allow), Deny = CidrSet.Of(_deny) },
        SubjectRules = [.. Rules],
        TrustedProxies = CidrSet.Of(_proxies),
        ExternalTls = ExternalTls,
        ExternalTlsAssumed = ExternalTlsAssumed,
        ProxyProtocol = ProxyProtocol,
        Forwarded = Forwarded,
        ExemptGroups = ExemptGroups.ToFrozenSet(StringComparer.Ordinal),
        ConnectionsPerAddress = ConnectionsPerAddress,
        PerUser = new RequestShare
        {
            PerSecond = UserRate,
            Burst = Burst(UserBurst, UserRate),
            Reading = UserReading ?? Half(reading),
            Mutating = UserMutating ?? Half(mutating),
            Streams = UserStreams,
        },
        LargeBodiesPerSecond = UserLargeBodies,
        PerAddress = new RequestShare
        {
            PerSecond = AddressRate,
            Burst = Burst(AddressBurst, AddressRate),
            Reading = AddressInFlight,
            Mutating = AddressInFlight,
        },
    };

    private void AddRule(SettingsReader reader, List<string> users, List<string> groups, List<string> allow, List<string> deny)
    {
        if (users.Count + groups.Count == 0)
            reader.Mistake("a rule without a user or a group is about nobody; for everyone there are --allow-cidrs and --deny-cidrs");
        if (allow.Count + deny.Count == 0)
            reader.Mistake("a rule that neither allows nor denies addresses says nothing; give allow, deny or both");
        Rules.Add(new SubjectAddressRule
        {
            Users = users.ToFrozenSet(StringComparer.Ordinal),
            Groups = groups.ToFrozenSet(StringComparer.Ordinal),
            From = new AddressFilter
            {
                Allow = CidrSet.Of(allow.SelectMany(reader.Cidrs)),
                Deny = CidrSet.Of(deny.SelectMany(reader.Cidrs)),
            },
        });
    }

    private static int Half(int places) => places == 0 ? 0 : Math.Max(1, places / 2);

    private static int Burst(int? given, int rate) => Math.Max(1, given ?? (int)Math.Min(int.MaxValue, 2L * rate));
}
