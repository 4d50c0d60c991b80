// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Yaml;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Settings;

namespace Sealock.Tests.Cluster.Settings;

public sealed class SecretSettingsTests
{
    private static readonly SecretSetting Encryption = new(SecretSettings.EncryptionFile);
    private static readonly SecretSetting Tokens = new(SecretSettings.TokenFile);

    [Fact]
    public void Every_secret_of_the_plan_can_be_made_and_is_for_its_owner_alone()
    {
        var plan = ClusterPlan.For(SampleClusters.Of(35));
        var secrets = plan.Files.Select(file => file.Content).OfType<SecretSetting>().Distinct();
        Assert.Equal([Encryption, Tokens], secrets);
        Assert.All(secrets, secret => Assert.NotEmpty(SecretSettings.Make(secret, plan.Configuration, null)));
    }

    [Fact]
    public void Encryption_has_a_new_key_each_time_and_reads_plain_values_last()
    {
        var texts = Enumerable.Range(0, 2).Select(_ => Text(Encryption, SampleClusters.Of(20), null)).ToList();
        Assert.NotEqual(texts[0], texts[1]);
        Assert.True(YamlReader.TryRead(texts[0], out var document, out _));
        var providers = document!["resources"]![0]!["providers"]!.AsArray();
        Assert.Equal(32, Convert.FromBase64String((string)providers[0]!["secretbox"]!["keys"]![0]!["secret"]!).Length);
        Assert.NotNull(providers[^1]!["identity"]);
    }

    [Fact]
    public void A_kept_encryption_configuration_stays_as_somebody_wrote_it()
    {
        var kept = "kind: EncryptionConfiguration # with my own keys\n"u8.ToArray();
        Assert.Equal(kept, SecretSettings.Make(Encryption, SampleClusters.Of(20), kept));
    }

    [Fact]
    public void Tokens_are_lines_that_the_api_server_reads()
    {
        var configuration = SampleClusters.Of(20) with { TokenUsers = [new("jane", ["readers", "writers"]), new("joe", [])] };
        Assert.Matches("^[A-Za-z0-9]{43},jane,jane,\"readers,writers\"\n[A-Za-z0-9]{43},joe,joe\n$", Text(Tokens, configuration, null));
    }

    [Fact]
    public void A_users_token_stays_when_others_come_and_go()
    {
        var before = SampleClusters.Of(20) with { TokenUsers = [new("jane", ["readers"]), new("joe", [])] };
        var first = Text(Tokens, before, null);
        var second = Text(Tokens, before with { TokenUsers = [new("ann", []), new("jane", ["admins"])] }, first);
        Assert.Equal(first.Split('\n')[0].Replace("readers", "admins", StringComparison.Ordinal), second.Split('\n')[1]);
        Assert.DoesNotContain("joe", second, StringComparison.Ordinal);
        Assert.Equal(first, Text(Tokens, before, first));
    }

    private static string Text(SecretSetting setting, ClusterConfiguration configuration, string? kept) =>
        Encoding.UTF8.GetString(SecretSettings.Make(setting, configuration, kept is null ? null : Encoding.UTF8.GetBytes(kept)));
}
