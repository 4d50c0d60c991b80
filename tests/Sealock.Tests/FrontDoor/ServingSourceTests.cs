// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Gateway.Listener;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Tls;
using Sealock.Tests.Support;

namespace Sealock.Tests.FrontDoor;

/// <summary>Which certificate is served, and which never takes the place of another.</summary>
public sealed class ServingSourceTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    private readonly string _folder = Directory.CreateTempSubdirectory("sealock-serving-").FullName;
    private readonly FakeTimeProvider _clock = new();
    private readonly CertificateAuthority _authority;
    private readonly CertificateAuthority _other;
    private readonly ServingFiles _files;

    public ServingSourceTests()
    {
        _authority = ServingPair.Authority("ca", _clock.GetUtcNow());
        _other = ServingPair.Authority("other", _clock.GetUtcNow());
        File.WriteAllText(Path.Combine(_folder, "ca.crt"), _authority.Certificate.ToPem());
        _files = new ServingFiles
        {
            CertificateFile = Path.Combine(_folder, "tls.crt"),
            KeyFile = Path.Combine(_folder, "tls.key"),
            ServingCaFile = Path.Combine(_folder, "ca.crt"),
            MustLeadToServingCa = true,
        };
    }

    private DateTimeOffset Now => _clock.GetUtcNow();

    public static TheoryData<string, string> Replacements() => new()
    {
        { "good", "" },
        { "expired", "has expired on" },
        { "early", "is valid only from" },
        { "client", "is not for servers" },
        { "name", "the certificate is for DNS:b.example, not for 'a.example', the server's host name" },
        { "ca", "does not lead to the CA that was given for it" },
        { "chain", "the chain is broken: CN=other signed none of the certificates before it" },
        { "key", "does not belong to the certificate" },
        { "text", "expected" },
    };

    [Theory]
    [MemberData(nameof(Replacements))]
    public void What_cannot_be_served_leaves_what_is_served_in_place_and_is_told(string kind, string refusal)
    {
        var standing = Issue(Now, "a.example");
        standing.Write(_files);
        using var source = Source();
        source.Names = ["a.example"];
        Replacement(kind).Write(_files);
        source.Check();
        if (refusal.Length == 0)
        {
            Assert.Null(source.Refusal);
            Assert.NotEqual(standing.Leaf, source.Current.Default.Certificate);
            Assert.Equal((1, 0), (source.Replacements, source.Refusals));
            return;
        }

        Assert.Contains(refusal, source.Refusal, StringComparison.Ordinal);
        Assert.Equal(standing.Leaf, source.Current.Default.Certificate);
        Assert.Equal((0, 1), (source.Replacements, source.Refusals));
        _clock.Advance(Interval * 3);
        Assert.Equal(1, source.Refusals);
        Issue(Now, "a.example").Write(_files);
        source.Check();
        Assert.Null(source.Refusal);
        Assert.NotEqual(standing.Leaf, source.Current.Default.Certificate);
    }

    [Fact]
    public void One_that_is_valid_only_later_is_served_then()
    {
        Issue(Now, "a.example").Write(_files);
        using var source = Source();
        var later = Issue(Now + TimeSpan.FromHours(1), "a.example");
        later.Write(_files);
        source.Check();
        Assert.NotNull(source.Refusal);
        _clock.Advance(TimeSpan.FromHours(1) + Interval);
        Assert.Null(source.Refusal);
        Assert.Equal(later.Leaf, source.Current.Default.Certificate);
    }

    [Fact]
    public void An_expired_one_is_served_where_there_is_no_other()
    {
        var expired = Issue(Now - TimeSpan.FromDays(100), "a.example");
        expired.Write(_files);
        using var source = Source();
        Assert.Equal(expired.Leaf, source.Current.Default.Certificate);
    }

    [Fact]
    public void What_is_handed_over_is_served_by_default_and_the_files_for_their_own_names()
    {
        var standing = Issue(Now, "localhost", "127.0.0.1", "a.example");
        standing.Write(_files);
        using var source = Source();
        var handed = ServingPair.Issue(_other, Now, Lifetime, null, "a.example", "*.apps.example");
        Assert.Null(source.Serve(handed.Handed(_other.Certificate.ToPem())));
        Assert.Equal(handed.Leaf, Served(source, "a.example"));
        Assert.Equal(handed.Leaf, Served(source, "x.apps.example"));
        Assert.Equal(handed.Leaf, Served(source, "unknown.example"));
        Assert.Equal(handed.Leaf, Served(source, "", "10.0.0.1"));
        Assert.Equal(standing.Leaf, Served(source, "localhost"));
        Assert.Equal(standing.Leaf, Served(source, "", "127.0.0.1"));
        Assert.Equal(standing.Leaf, Served(source, "", "::ffff:127.0.0.1"));
        Assert.Equal([_other.Certificate, _authority.Certificate], Certificate.ListFromPem(source.Current.ServingCaPem));

        var renewed = Issue(Now, "localhost", "127.0.0.1");
        renewed.Write(_files);
        source.Check();
        Assert.Equal(renewed.Leaf, Served(source, "localhost"));
        Assert.Equal(handed.Leaf, Served(source, "a.example"));

        Assert.Null(source.Serve(null));
        Assert.Equal(renewed.Leaf, Served(source, "a.example"));
    }

    [Fact]
    public void What_is_handed_over_and_refused_keeps_neither_what_was_before_nor_the_files_from_being_served()
    {
        Issue(Now, "localhost", "a.example").Write(_files);
        using var source = Source();
        source.Names = ["a.example"];
        var good = ServingPair.Issue(_other, Now, Lifetime, null, "a.example");
        Assert.Null(source.Serve(good.Handed()));
        Assert.Contains("Secret default/web: ", source.Serve(good.Handed() with { KeyPem = Issue(Now, "a.example").Key }), StringComparison.Ordinal);
        Assert.Contains("does not lead to the CA", source.Serve(ServingPair.Issue(_authority, Now, Lifetime, null, "a.example").Handed(_other.Certificate.ToPem())), StringComparison.Ordinal);
        Assert.Contains("the server's host name", source.Serve(ServingPair.Issue(_other, Now, Lifetime, null, "b.example").Handed()), StringComparison.Ordinal);
        Assert.Equal(good.Leaf, Served(source, "a.example"));
        var renewed = Issue(Now, "localhost", "a.example");
        renewed.Write(_files);
        source.Check();
        Assert.Equal(renewed.Leaf, Served(source, "localhost"));
        Assert.Equal(good.Leaf, Served(source, "a.example"));
        Assert.NotNull(source.Refusal);
    }

    [Fact]
    public void Certificates_are_made_on_the_fly_only_for_names_that_none_has_and_only_while_that_is_asked_for()
    {
        var standing = Issue(Now, "localhost", "127.0.0.1");
        standing.Write(_files);
        using var source = Source();
        Assert.Equal(standing.Leaf, Served(source, "x.example"));
        source.ServeAnyName((name, cas) =>
        {
            var pair = Issue(Now, name);
            return ServingCertificate.FromPem(pair.Certificate, pair.Key, null, cas);
        });
        Assert.Equal(["x.example"], Served(source, "x.example").Names.DnsNames);
        Assert.Equal(["x.example"], Served(source, "X.example.").Names.DnsNames);
        Assert.Equal([IPAddress.Parse("10.0.0.1")], Served(source, "", "10.0.0.1").Names.IpAddresses);
        Assert.Equal(standing.Leaf, Served(source, "localhost"));
        Assert.Equal(standing.Leaf, Served(source, ""));
        Assert.Equal(standing.Leaf, Served(source, "no name"));
        Assert.Equal(2, source.OnTheFly?.Count);
        source.ServeAnyName(null);
        Assert.Equal(standing.Leaf, Served(source, "x.example"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Certificate Served(ServingSource source, string name, string local = "127.0.0.1") =>
        source.CertificateFor(name, new IPEndPoint(IPAddress.Parse(local), 443)).Certificate;

    private ServingSource Source() => new(_files, _clock, Interval, NullLogger.Instance);

    private ServingPair Issue(DateTimeOffset from, params string[] names) => ServingPair.Issue(_authority, from, Lifetime, null, names);

    private ServingPair Replacement(string kind) => kind switch
    {
        "good" => Issue(Now, "a.example", "b.example"),
        "expired" => Issue(Now - TimeSpan.FromDays(100), "a.example"),
        "early" => Issue(Now + TimeSpan.FromDays(1), "a.example"),
        "client" => ServingPair.Issue(_authority, Now, Lifetime, CertificateProfile.Client, "a.example"),
        "name" => Issue(Now, "b.example"),
        "ca" => ServingPair.Issue(_other, Now, Lifetime, null, "a.example"),
        "chain" => Issue(Now, "a.example") is var pair ? pair with { Certificate = pair.Certificate + _other.Certificate.ToPem() } : throw new InvalidOperationException(),
        "key" => Issue(Now, "a.example") with { Key = Issue(Now, "a.example").Key },
        _ => Issue(Now, "a.example") with { Certificate = "no certificate" },
    };
}
