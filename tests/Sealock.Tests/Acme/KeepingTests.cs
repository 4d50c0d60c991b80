// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Keeping;
using Sealock.Acme.Orders;
using Sealock.Pki.Certificates;
using Sealock.Pki.Files;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;

namespace Sealock.Tests.Acme;

/// <summary>Certificates and accounts in files.</summary>
public sealed class KeepingTests : IDisposable
{
    private const string Root = FakeAcmeServer.Root;

    private readonly string _home = Directory.CreateTempSubdirectory("sealock-").FullName;
    private readonly FakeAcmeServer _server = new();

    private static CertificateSettings Settings => new() { Names = ["a.example"], Server = $"{Root}/directory", Http01 = "127.0.0.1:0", NoCaaCheck = true };

    public void Dispose()
    {
        _server.Dispose();
        Directory.Delete(_home, recursive: true);
    }

    /// <summary>Days of the 90 that are over; the wanted names; the suggested day, if any; why it is issued, or when it is due.</summary>
    [Theory]
    [InlineData(1, "a.example", null, null, 60)]
    [InlineData(59.9, "a.example", null, null, 60)]
    [InlineData(60, "a.example", null, "two thirds of its lifetime are over", 60)]
    [InlineData(1, "a.example", 30.0, null, 30)]
    [InlineData(31, "a.example", 30.0, "the CA suggests it", 31)]
    [InlineData(70, "a.example", 80.0, null, 80)]
    [InlineData(90, "a.example", 100.0, "it has expired", 90)]
    [InlineData(1, "A.example", null, null, 60)]
    [InlineData(1, "b.example", null, "its names are others than are wanted", 1)]
    [InlineData(1, "a.example b.example", null, "its names are others than are wanted", 1)]
    public void A_certificate_is_due_for_a_reason(double now, string names, double? suggested, string? reason, double due)
    {
        using var key = KeyPair.Generate();
        var began = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var certificate = Issue(key, began, "a.example");
        began = certificate.NotBefore;
        var need = RenewalNeed.Decide(
            certificate, key.PublicKey, names.Split(' '), KeyAlgorithm.EcdsaP256, suggested is { } day ? began.AddDays(day) : null, began.AddDays(now));
        Assert.Equal((reason, began.AddDays(due)), (need.Reason, need.DueAt));
        Assert.Equal("its key is missing or another one", RenewalNeed.Decide(certificate, null, ["a.example"], default, null, began).Reason);
        Assert.Contains("another kind is wanted", RenewalNeed.Decide(certificate, key.PublicKey, ["a.example"], KeyAlgorithm.Rsa2048, null, began).Reason, StringComparison.Ordinal);
        Assert.Equal("there is none yet", RenewalNeed.Decide(null, null, ["a.example"], default, null, began).Reason);
    }

    [Fact]
    public async Task A_server_that_sets_a_time_is_not_asked_before_it()
    {
        _server.At("/new-account", new FakeAnswer(201, """{"status":"valid"}""", ("Location", $"{Root}/account/1")));
        _server.At("/new-order", FakeAnswer.Problem(429, "rateLimited", ("Retry-After", "7200")));
        var until = _server.Clock.GetUtcNow().AddHours(2);
        for (var i = 0; i < 3; i++)
        {
            var limited = Assert.IsType<KeepOutcome.Limited>(await RunAsync());
            Assert.Equal(until, limited.Until);
            Assert.Contains("because of rateLimited", limited.Message, StringComparison.Ordinal);
        }

        Assert.Single(_server.Requests, request => request.Path == "/new-order");
        _server.Clock.Advance(TimeSpan.FromHours(3));
        await RunAsync();
        Assert.Equal(2, _server.Requests.Count(request => request.Path == "/new-order"));
    }

    [Fact]
    public async Task The_next_key_and_the_order_outlive_a_process_that_is_cut_off()
    {
        _server.At("/new-account", new FakeAnswer(201, """{"status":"valid"}""", ("Location", $"{Root}/account/1")));
        _server.At("/new-order", new FakeAnswer(
            201, $$$"""{"status":"ready","identifiers":[{"type":"dns","value":"a.example"}],"finalize":"{{{Root}}}/finalize/1"}""", ("Location", $"{Root}/order/1")));
        _server.At("/finalize/1", FakeAnswer.Problem(403, "unauthorized"));
        Assert.IsType<KeepOutcome.Failed>(await RunAsync());
        var kept = KeptCertificate.Open(_home, "a.example");
        var key = await File.ReadAllTextAsync(Path.Combine(kept.Folder, "next.key"));

        // As if the request had gone through, and the answer had been lost.
        using var pair = KeyPair.FromPem(key);
        var certificate = Issue(pair, _server.Clock.GetUtcNow(), "a.example");
        _server.At("/order/1", new FakeAnswer(
            200, $$$"""{"status":"valid","identifiers":[{"type":"dns","value":"a.example"}],"certificate":"{{{Root}}}/cert/1"}"""));
        _server.At("/cert/1", new FakeAnswer(200, certificate.ToPem()));
        _server.At("/renewal-info/" + RenewalTiming.CertificateId(certificate), FakeAnswer.Problem(404, "malformed"));
        var issued = Assert.IsType<KeepOutcome.Issued>(await RunAsync());
        Assert.Equal(certificate, issued.Certificate);
        Assert.Equal(key, await File.ReadAllTextAsync(Path.Combine(kept.Folder, KeptCertificate.KeyFile)));
        Assert.Single(_server.Requests, request => request.Path == "/new-order");
        Assert.IsType<KeepOutcome.Kept>(await RunAsync());

        // Cut off between the two files: the key is put beside its certificate.
        File.Move(Path.Combine(kept.Folder, KeptCertificate.KeyFile), Path.Combine(kept.Folder, "next.key"));
        Assert.IsType<KeepOutcome.Kept>(await RunAsync());
        Assert.True(File.Exists(Path.Combine(kept.Folder, KeptCertificate.KeyFile)));
    }

    [Fact]
    public async Task A_reload_command_that_fails_is_run_again()
    {
        var mark = Path.Combine(_home, "mark");
        var settings = Settings with { ReloadCommand = $"cat \"$CERTIFICATE\" \"$KEY\" >/dev/null && echo \"$NAMES\" >> {mark}; test -e {mark}.ok" };
        using var key = KeyPair.Generate();
        var kept = KeptCertificate.Open(_home, "a.example");
        AtomicFile.CreateFolder(kept.Folder);
        await File.WriteAllTextAsync(Path.Combine(kept.Folder, "next.key"), key.ToPkcs8Pem());
        var certificate = Issue(key, _server.Clock.GetUtcNow(), "a.example");
        _server.At("/new-account", new FakeAnswer(201, """{"status":"valid"}""", ("Location", $"{Root}/account/1")));
        _server.At("/new-order", new FakeAnswer(
            201, $$$"""{"status":"valid","identifiers":[{"type":"dns","value":"a.example"}],"certificate":"{{{Root}}}/cert/1"}""", ("Location", $"{Root}/order/1")));
        _server.At("/cert/1", new FakeAnswer(200, certificate.ToPem()));
        _server.At("/renewal-info/" + RenewalTiming.CertificateId(certificate), FakeAnswer.Problem(404, "malformed"));
        Assert.Contains("ended with 1", Assert.Single(Assert.IsType<KeepOutcome.Issued>(await RunAsync(settings)).Problems), StringComparison.Ordinal);
        await RunAsync(settings);
        await File.WriteAllTextAsync(mark + ".ok", "");
        for (var i = 0; i < 3; i++)
            await RunAsync(settings);
        Assert.Equal(["a.example", "a.example", "a.example"], await File.ReadAllLinesAsync(mark));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_change_of_keys_with_a_lost_answer_the_right_key_is_found(bool wasChanged)
    {
        using var account = KeptAccount.Open(_home, _server.Client(), null);
        _server.At("/new-account", new FakeAnswer(201, """{"status":"valid"}""", ("Location", $"{Root}/account/1")));
        var known = (await account.GetAsync(new() { AgreesToTerms = true })).Value!;
        _server.At("/key-change", new FakeAnswer(500));
        Assert.True((await account.ChangeKeyAsync(known, KeyAlgorithm.EcdsaP384)).Failure?.IsTransient);

        _server.At("/new-account", wasChanged
            ? new FakeAnswer(200, """{"status":"valid"}""", ("Location", $"{Root}/account/1"))
            : FakeAnswer.Problem(400, "accountDoesNotExist"));
        using var later = KeptAccount.Open(_home, _server.Client(), null);
        var found = await later.GetAsync(new() { OnlyExisting = true });
        Assert.Equal(wasChanged ? "ES384" : "ES256", found.Value?.Key.Algorithm);
        Assert.Equal([".lock", "account.json", "account.key"], Directory.EnumerateFiles(later.Folder).Select(Path.GetFileName).Order());
        Assert.Equal(AtomicFile.Secret, File.GetUnixFileMode(Path.Combine(later.Folder, "account.key")));
    }

    [Fact]
    public async Task While_a_key_is_changed_no_other_process_settles_which_one_counts_and_afterwards_it_uses_the_new_one()
    {
        _server.At("/new-account", new FakeAnswer(201, """{"status":"valid"}""", ("Location", $"{Root}/account/1")));
        using var account = KeptAccount.Open(_home, _server.Client(), null);
        using var other = KeptAccount.Open(_home, _server.Client(), null);
        Assert.Equal("ES256", (await other.GetAsync(new() { AgreesToTerms = true })).Value?.Key.Algorithm);
        var known = (await account.GetAsync(new() { AgreesToTerms = true })).Value!;
        var couldSettle = true;
        _server.At("/key-change", () =>
        {
            using var turn = new KeptFiles(account.Folder).TryLock();
            couldSettle = turn is not null;
            return new FakeAnswer(200);
        });
        Assert.True((await account.ChangeKeyAsync(known, KeyAlgorithm.EcdsaP384)).IsOk);
        Assert.False(couldSettle);
        Assert.Equal("ES384", (await other.GetAsync(new() { AgreesToTerms = true })).Value?.Key.Algorithm);
    }

    [Fact]
    public async Task Another_server_is_not_asked_for_the_order_of_the_one_before()
    {
        _server.At("/new-account", new FakeAnswer(201, """{"status":"valid"}""", ("Location", $"{Root}/account/1")));
        _server.At("/new-order", FakeAnswer.Problem(403, "unauthorized"));
        var kept = KeptCertificate.Open(_home, "a.example");
        AtomicFile.CreateFolder(kept.Folder);
        kept.State = new() { Server = "https://before.example/directory", Order = $"{Root}/order/of-another", Failures = 7 };
        Assert.IsType<KeepOutcome.Failed>(await RunAsync());
        Assert.DoesNotContain(_server.Requests, request => request.Path == "/order/of-another");
        Assert.Equal((1, null), (kept.State.Failures, kept.State.Order));
    }

    [Theory]
    [InlineData("*.Example.com", "_.example.com")]
    [InlineData("2001:db8::1", "2001-db8--1")]
    [InlineData("../../etc", "-..-etc")]
    [InlineData("_.example.com", "__.example.com")]
    [InlineData("__.example.com", "___.example.com")]
    [InlineData("_acme.example.com", "_acme.example.com")]
    [InlineData("Accounts", "_accounts")]
    [InlineData("_accounts", "__accounts")]
    [InlineData("accounts.example.com", "accounts.example.com")]
    public void A_certificates_folder_stays_in_its_folder(string name, string expected) =>
        Assert.Equal(Path.Combine(_home, expected), KeptCertificate.Open(_home, name).Folder);

    [Fact]
    public void Broken_files_are_told_by_name()
    {
        var kept = KeptCertificate.Open(_home, "a.example");
        AtomicFile.CreateFolder(kept.Folder);
        File.WriteAllText(Path.Combine(kept.Folder, "settings.json"), "{");
        Assert.Contains("settings.json", Assert.Throws<KeepingException>(() => kept.Settings).Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(kept.Folder, KeptCertificate.ChainFile), "nonsense");
        Assert.Null(kept.Leaf);
    }

    [Fact]
    public async Task What_failed_is_tried_again_ever_later_and_by_force_at_once()
    {
        _server.At("/new-account", new FakeAnswer(201, """{"status":"valid"}""", ("Location", $"{Root}/account/1")));
        _server.At("/new-order", FakeAnswer.Problem(403, "rejectedIdentifier"));
        var first = Assert.IsType<KeepOutcome.Failed>(await RunAsync());
        var next = first.NextTry!.Value;
        Assert.InRange(next - _server.Clock.GetUtcNow(), RetryBudget.First * 0.9, RetryBudget.First);
        for (var i = 0; i < 3; i++)
        {
            var waiting = Assert.IsType<KeepOutcome.Waiting>(await RunAsync(patient: true));
            Assert.Equal((1, next, first.Message), (waiting.Failures, waiting.Until, waiting.Message));
        }

        Assert.Equal(1, Orders());
        Assert.IsType<KeepOutcome.Failed>(await RunAsync());
        Assert.IsType<KeepOutcome.Failed>(await RunAsync(patient: true, force: true));
        Assert.Equal(3, Orders());

        // A day of asking every minute.
        for (var minute = 0; minute < 24 * 60; minute++)
        {
            _server.Clock.Advance(TimeSpan.FromMinutes(1));
            await RunAsync(patient: true);
        }

        Assert.InRange(Orders(), 3 + 40, 3 + 60);
        var status = KeptCertificate.Open(_home, "a.example").Status;
        Assert.Equal((Orders(), first.Message), (status.Failures, status.LastFailure));
        Assert.True(status.NextTry > _server.Clock.GetUtcNow());

        int Orders() => _server.Requests.Count(request => request.Path == "/new-order");
    }

    [Fact]
    public async Task What_this_machine_lacks_is_remembered_and_neither_counted_nor_waited_for()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var settings = Settings with { Http01 = taken.LocalEndpoint.ToString() };
        for (var i = 0; i < 2; i++)
            Assert.Contains("cannot be bound", Assert.IsType<KeepOutcome.Failed>(await RunAsync(settings, patient: true)).Message, StringComparison.Ordinal);
        var status = KeptCertificate.Open(_home, "a.example").Status;
        Assert.Equal((0, null), (status.Failures, status.NextTry));
        Assert.Contains("cannot be bound", status.LastFailure, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task A_certificate_that_is_forgotten_is_not_kept_any_more()
    {
        _server.At("/new-account", FakeAnswer.Problem(403, "unauthorized"));
        KeptCertificate.Open(_home, "a.example").Keep(Settings);
        await RunAsync();
        Assert.Equal("a.example", KeptCertificate.Find(_home, "A.example")!.Name);
        Assert.False(Assert.Single(KeptCertificate.List(_home)).Forget());
        Assert.Empty(KeptCertificate.List(_home));
        Assert.False(Directory.Exists(Path.Combine(_home, "a.example")));

        var other = KeptCertificate.Open(_home, "*.example");
        other.Keep(Settings);
        File.WriteAllText(Path.Combine(other.Folder, KeptCertificate.ChainFile), "in use");
        Assert.Equal(other.Folder, KeptCertificate.Find(_home, "_.example")!.Folder);
        Assert.True(other.Forget());
        Assert.Equal([KeptCertificate.ChainFile], Directory.EnumerateFiles(other.Folder).Select(Path.GetFileName));
    }

    private async Task<KeepOutcome> RunAsync(CertificateSettings? settings = null, bool patient = false, bool force = false)
    {
        var client = _server.Client();
        using var account = KeptAccount.Open(_home, client, null);
        return await new CertificateKeeper(
            KeptCertificate.Open(_home, "a.example"), settings ?? Settings, client, account, new() { AgreesToTerms = true }, _server.Clock, _ => { })
            .RunAsync(force, patient, dryRun: false, CancellationToken.None);
    }

    private static Certificate Issue(KeyPair key, DateTimeOffset now, string name)
    {
        using var caKey = KeyPair.Generate();
        return CertificateAuthority.CreateRoot("CA", caKey, now).Issue(new()
        {
            Subject = DistinguishedName.Empty,
            Names = SubjectAlternativeNames.ForHosts(name),
            PublicKey = key.PublicKey,
            Profile = CertificateProfile.Server,
            Lifetime = TimeSpan.FromDays(90),
        }, now).Require();
    }
}
