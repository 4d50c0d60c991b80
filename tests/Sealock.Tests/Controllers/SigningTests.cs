// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Controllers.CertificateSigning;
using Sealock.Controllers.Hosting;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;

namespace Sealock.Tests.Controllers;

public sealed class SigningTests
{
    private const string Client = "kubernetes.io/kube-apiserver-client";
    private const string Kubelet = "kubernetes.io/kube-apiserver-client-kubelet";
    private const string Serving = "kubernetes.io/kubelet-serving";
    private const string Node = "CN=system:node:n1,O=system:nodes";

    private static readonly CertificateAuthority Ca = SigningBench.NewCa("test", TimeProvider.System.GetUtcNow());

    private static (string, ISigningAuthority) By(string signer, CertificateAuthority? ca = null) => (signer, new FixedAuthority(ca ?? Ca));

    [Fact]
    public async Task An_approved_request_is_signed_and_openssl_and_dotnet_accept_the_certificate()
    {
        await using var bench = new SigningBench();
        await bench.StartAsync(SigningBench.SigningOnly(By(Client)));
        bench.Add("jane", Client, "CN=jane,O=devs", "dns:jane.example.com ip:10.0.0.7", approved: true, expirationSeconds: 3600);
        var certificate = await bench.IssuedAsync("jane");

        Assert.Equal("jane", certificate.Subject.CommonName);
        Assert.Equal(["devs"], certificate.Subject.Organizations);
        Assert.Equal(["jane.example.com"], certificate.Names.DnsNames);
        Assert.False(certificate.IsCa);
        Assert.Equal(X509KeyUsageFlags.DigitalSignature, certificate.KeyUsage);
        Assert.Equal(["1.3.6.1.5.5.7.3.2"], certificate.KeyPurposes);
        Assert.Equal(TimeSpan.FromMinutes(65).TotalSeconds, certificate.Lifetime.TotalSeconds, 2.0);
        Assert.Single(bench.Pem("jane")!.Split("-----BEGIN ").Skip(1));

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificate(Ca.Certificate.Der.ToArray()));
        using var leaf = X509CertificateLoader.LoadCertificate(certificate.Der.ToArray());
        Assert.True(chain.Build(leaf));
        Assert.Equal("OK", OpensslVerify(Ca.Certificate.ToPem(), bench.Pem("jane")!));
    }

    private static string OpensslVerify(string ca, string leaf)
    {
        var folder = Directory.CreateTempSubdirectory("sealock-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "ca.pem"), ca);
            File.WriteAllText(Path.Combine(folder.FullName, "leaf.pem"), leaf);
            using var process = Process.Start(new ProcessStartInfo("openssl", ["verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", "ca.pem", "leaf.pem"])
            {
                WorkingDirectory = folder.FullName,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            return output.Trim().Replace("leaf.pem: ", "", StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(Client, "CN=jane", "server auth", "invalid usage for client certificate: server auth")]
    [InlineData(Serving, "CN=jane", "digital signature,server auth", "subject organization is not system:nodes")]
    public async Task What_breaks_a_signers_rules_fails_with_a_reason(string signer, string subject, string usages, string message)
    {
        await using var bench = new SigningBench();
        await bench.StartAsync(SigningBench.SigningOnly(By(signer)));
        bench.Add("jane", signer, subject, usages: usages, approved: true);
        await bench.Server.Until(() => bench.ConditionOf("jane", "Failed") is not null);
        var failed = bench.ConditionOf("jane", "Failed")!;
        Assert.Equal(("True", "SignerValidationFailure", message),
            (failed["status"]!.GetValue<string>(), failed["reason"]!.GetValue<string>(), failed["message"]!.GetValue<string>()));
        Assert.NotNull(bench.ConditionOf("jane", "Approved"));
        Assert.Null(bench.Pem("jane"));
    }

    [Fact]
    public async Task What_is_not_approved_denied_failed_or_of_an_unknown_signer_stays_unsigned()
    {
        await using var bench = new SigningBench();
        bench.Add("pending", Client);
        bench.Add("unknown", "kubernetes.io/unheard-of", approved: true);
        bench.Add("custom", "example.com/other", approved: true);
        await bench.StartAsync(SigningBench.SigningOnly(By(Client)));
        bench.Add("last", Client, approved: true);
        await bench.IssuedAsync("last");
        Assert.All(["pending", "unknown", "custom"], name => Assert.Null(bench.Pem(name)));
    }

    [Fact]
    public async Task Each_built_in_signer_can_have_a_ca_of_its_own()
    {
        var other = SigningBench.NewCa("other", TimeProvider.System.GetUtcNow());
        await using var bench = new SigningBench();
        await bench.StartAsync(SigningBench.SigningOnly(By(Client), By(Serving, other)));
        bench.Add("jane", Client, approved: true);
        bench.Add("n1", Serving, Node, "dns:n1", "digital signature,server auth", approved: true);
        Assert.Equal("test", (await bench.IssuedAsync("jane")).Issuer.CommonName);
        Assert.Equal("other", (await bench.IssuedAsync("n1")).Issuer.CommonName);
    }

    [Fact]
    public async Task A_lifetime_ends_with_the_ca()
    {
        var brief = SigningBench.NewCa("brief", TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(3));
        await using var bench = new SigningBench();
        await bench.StartAsync(SigningBench.SigningOnly(By(Client, brief)));
        bench.Add("jane", Client, approved: true);
        Assert.Equal(brief.Certificate.NotAfter, (await bench.IssuedAsync("jane")).NotAfter);
    }

    [Fact]
    public async Task With_an_expired_ca_a_request_waits_and_does_not_fail()
    {
        var expired = SigningBench.NewCa("expired", TimeProvider.System.GetUtcNow().AddDays(-10), TimeSpan.FromDays(1));
        await using var bench = new SigningBench();
        await bench.StartAsync(SigningBench.SigningOnly(By(Client, expired), By(Serving)));
        bench.Add("jane", Client, approved: true);
        var signing = bench.Host.Metrics.Single(metrics => metrics.Loop == "csrsigning");
        while (signing.Retried == 0)
            await Task.Yield();
        Assert.Null(bench.ConditionOf("jane", "Failed"));
        Assert.Null(bench.Pem("jane"));
    }

    private static JsonObject TlsSecret(CertificateAuthority ca, KeyPair key) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = "users-ca" },
        ["type"] = "kubernetes.io/tls",
        ["data"] = new JsonObject
        {
            ["tls.crt"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(ca.Certificate.ToPem())),
            ["tls.key"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(key.ToPkcs8Pem())),
        },
    };

    [Fact]
    public async Task A_ca_in_a_secret_signs_for_its_name_and_its_successor_takes_over_at_once()
    {
        const string path = "/api/v1/namespaces/pki/secrets/users-ca";
        using var key = KeyPair.Generate();
        var now = TimeProvider.System.GetUtcNow();
        await using var bench = new SigningBench();
        await bench.StartAsync(SigningBench.SigningOnly() with { SecretSigners = [SecretSigner.Parse("example.com/users=pki/users-ca")] });
        bench.Add("early", "example.com/users", usages: "any", approved: true);
        bench.Server.Put(path, TlsSecret(CertificateAuthority.CreateRoot("first", key, now), key));
        Assert.Equal("first", (await bench.IssuedAsync("early")).Issuer.CommonName);

        bench.Server.Put(path, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "users-ca" }, ["data"] = new JsonObject() });
        bench.Server.Put(path, TlsSecret(CertificateAuthority.CreateRoot("second", key, now), key));
        while (true)
        {
            var name = bench.Add("late" + Guid.NewGuid(), "example.com/users", usages: "any", approved: true);
            if ((await bench.IssuedAsync(name)).Issuer.CommonName == "second")
                break;
        }
    }

    [Theory]
    [InlineData("example.com/users=pki/ca", "example.com/users", "pki", "ca")]
    [InlineData("example.com/users=ca", "example.com/users", "default", "ca")]
    public void A_secret_signer_is_written_name_equals_secret(string text, string name, string @namespace, string secret) =>
        Assert.Equal(new SecretSigner(name, @namespace, secret), SecretSigner.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("example.com/users")]
    [InlineData("=pki/ca")]
    [InlineData("example.com/users=")]
    [InlineData("example.com/users=a/b/c")]
    [InlineData("example.com/users=/b")]
    [InlineData("users=pki/ca")]
    public void Anything_else_is_no_secret_signer(string text) => Assert.Throws<FormatException>(() => SecretSigner.Parse(text));

    [Fact]
    public void A_ca_in_files_is_read_again_when_they_change_and_a_bad_pair_leaves_the_old_one()
    {
        var time = new Support.FakeTimeProvider();
        var folder = Directory.CreateTempSubdirectory("sealock-");
        try
        {
            var (certificate, keyFile) = (Path.Combine(folder.FullName, "ca.crt"), Path.Combine(folder.FullName, "ca.key"));
            var files = new FileAuthority(certificate, keyFile, time, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
            Assert.Null(files.Current.Authority);
            Assert.Contains("ca.crt", files.Current.Problem, StringComparison.Ordinal);

            string Write(string name)
            {
                using var key = KeyPair.Generate();
                File.WriteAllText(certificate, CertificateAuthority.CreateRoot(name, key, time.GetUtcNow()).Certificate.ToPem());
                File.WriteAllText(keyFile, key.ToPkcs8Pem());
                time.Advance(TimeSpan.FromSeconds(2));
                return files.Current.Authority!.Certificate.Subject.CommonName!;
            }

            Assert.Equal("first", Write("first"));
            Assert.Equal("the second", Write("the second"));
            File.WriteAllText(keyFile, "half");
            time.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal("the second", files.Current.Authority!.Certificate.Subject.CommonName);
            Assert.Equal("third", Write("third"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("system:bootstrap:abc", "nodeclient", "Auto approving kubelet client certificate after SubjectAccessReview.")]
    [InlineData("system:node:n1", "selfnodeclient", "Auto approving self kubelet client certificate after SubjectAccessReview.")]
    public async Task A_kubelet_with_the_right_is_approved_and_signed(string user, string right, string message)
    {
        await using var bench = new SigningBench { MayCreate = spec => spec["resourceAttributes"]!["subresource"]!.GetValue<string>() == right };
        await bench.StartAsync(SigningBench.SigningOnly(By(Kubelet)));
        bench.Add("node", Kubelet, Node, user: user);
        await bench.IssuedAsync("node");
        var approved = bench.ConditionOf("node", "Approved")!;
        Assert.Equal(("AutoApproved", message), (approved["reason"]!.GetValue<string>(), approved["message"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_kubelet_without_the_right_stays_pending_and_an_event_says_why()
    {
        await using var bench = new SigningBench { MayCreate = _ => false };
        await bench.StartAsync(SigningBench.SigningOnly(By(Kubelet)));
        bench.Add("node", Kubelet, Node, user: "mallory");
        await bench.Server.Until(() => bench.Server.Paths("/api/v1/namespaces/default/events/").Count > 0);
        var @event = bench.Server.Find(bench.Server.Paths("/api/v1/namespaces/default/events/")[0])!;
        Assert.Equal("node", @event["involvedObject"]!["name"]!.GetValue<string>());
        Assert.Contains("mallory lacks the right", @event["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Null(bench.ConditionOf("node", "Approved"));
    }

    [Theory]
    [InlineData("dns:n1 ip:10.0.0.1", true)]
    [InlineData("dns:kubernetes", false)]
    public async Task A_serving_certificate_is_approved_for_the_nodes_own_addresses(string names, bool approved)
    {
        await using var bench = new SigningBench();
        bench.Server.Put("/api/v1/nodes/n1", JsonNode.Parse("""
            {"metadata":{"name":"n1"},"status":{"addresses":[{"type":"Hostname","address":"n1"},{"type":"InternalIP","address":"10.0.0.1"}]}}
            """)!.AsObject());
        await bench.StartAsync(SigningBench.SigningOnly(By(Serving)) with { ApproveKubeletServing = true });
        bench.Add("n1", Serving, Node, names, "digital signature,server auth", user: "system:node:n1");
        if (approved)
        {
            await bench.IssuedAsync("n1");
            return;
        }

        await bench.Server.Until(() => bench.Server.Paths("/api/v1/namespaces/default/events/").Count > 0);
        Assert.Null(bench.ConditionOf("n1", "Approved"));
    }

    [Fact]
    public async Task Serving_certificates_are_not_approved_unless_switched_on()
    {
        await using var bench = new SigningBench();
        bench.Add("n1", Serving, Node, "dns:n1", "digital signature,server auth", user: "system:node:n1");
        await bench.StartAsync(SigningBench.SigningOnly(By(Client), By(Serving)));
        bench.Add("last", Client, approved: true);
        await bench.IssuedAsync("last");
        Assert.Null(bench.ConditionOf("n1", "Approved"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Over_a_bad_connection_every_request_gets_exactly_one_certificate(int seed)
    {
        const int count = 40;
        await using var bench = new SigningBench();
        var certificates = new ConcurrentDictionary<string, ConcurrentDictionary<string, bool>>();
        var check = bench.Server.OnWrite!;
        bench.Server.OnWrite = (path, subresource, old, current) =>
        {
            if (subresource == "status" && current["status"]!["certificate"]?.GetValue<string>() is { } certificate)
                certificates.GetOrAdd(path, _ => new()).TryAdd(certificate, true);
            check(path, subresource, old, current);
        };
        UnreliableTransport? line = null;
        var starting = bench.StartAsync(
            SigningBench.SigningOnly(By(Client), By(Kubelet)), inner => line = new UnreliableTransport(inner, seed, 0.25));
        for (var i = 0; i < count; i++)
            bench.Add("node" + i, Kubelet, Node, user: "system:node:n1");
        await starting;
        for (var i = 0; i < count; i++)
            bench.Add("user" + i, Client);
        await Parallel.ForAsync(0, count, (i, _) =>
        {
            bench.Approve("user" + i);
            return ValueTask.CompletedTask;
        });
        for (var i = 0; i < count; i++)
        {
            await bench.IssuedAsync("node" + i);
            await bench.IssuedAsync("user" + i);
        }

        Assert.Equal(2 * count, certificates.Count);
        Assert.All(certificates, pair => Assert.Single(pair.Value));
        Assert.True(line!.Faults > 20, $"only {line.Faults} faults");
    }

    [Fact]
    public async Task The_cleaner_deletes_what_is_old_and_looks_again_later()
    {
        var time = new Support.FakeTimeProvider();
        await using var bench = new SigningBench(time);
        bench.Add("pending", Client);
        bench.Add("approved", Client, approved: true);
        var ca = SigningBench.NewCa("ca", time.GetUtcNow());
        await bench.StartAsync(SigningBench.SigningOnly(By(Client, ca)) with { CleanRequests = true });
        await bench.IssuedAsync("approved");
        var cleaner = bench.Host.Metrics.Single(metrics => metrics.Loop == "csrcleaner");
        while (cleaner.Succeeded < 2)
            await Task.Yield();
        for (var hour = 0; hour < 2; hour++)
            time.Advance(TimeSpan.FromHours(1.01));
        await bench.Server.Until(() => bench.Server.Find($"{SigningBench.Requests}/approved") is null);
        Assert.NotNull(bench.Server.Find($"{SigningBench.Requests}/pending"));
        var looks = cleaner.Succeeded;
        for (var hour = 0; hour < 24; hour++)
        {
            time.Advance(TimeSpan.FromHours(1));
            while (hour < 20 && cleaner.Succeeded == looks)
                await Task.Yield();
            looks = cleaner.Succeeded;
        }

        await bench.Server.Until(() => bench.Server.Find($"{SigningBench.Requests}/pending") is null);
    }
}
