// SPDX-License-Identifier: Apache-2.0
using Sealock.Commands;
using Sealock.Gateway.Audit;
using Sealock.Settings;

namespace Sealock.Tests.Audit;

public sealed class AuditSettingsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sealock-audit-");

    public AuditSettingsTests()
    {
        Write("policy.yaml", "{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: Metadata}]}");
        Write("broken.yaml", "{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: All}]}");
        Write("plain.yaml",
            "{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: c, cluster: {server: 'http://audit.example.com'}}], contexts: [{name: c, context: {cluster: c}}]}");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Nothing_is_audited_where_nothing_is_asked_for()
    {
        var audit = Read().Audit;
        Assert.Null(audit.PolicyFile);
        Assert.Null(audit.LogPath);
    }

    [Fact]
    public void The_defaults_are_kube_apiservers()
    {
        var audit = Read($"--audit-policy-file={Path("policy.yaml")}", "--audit-log-path=-").Audit;
        Assert.Equal((AuditLogFormat.Json, 100L << 20, 0, TimeSpan.Zero, false),
            (audit.Log.Format, audit.Log.MaxBytes, audit.Log.MaxBackups, audit.Log.MaxAge, audit.Log.Compress));
        Assert.Equal(
            new AuditQueueOptions { Mode = AuditMode.Blocking, BufferSize = 10_000, MaxBatchWait = TimeSpan.Zero, BatchesPerSecond = null },
            audit.EffectiveLogQueue);
        Assert.Equal(
            new AuditQueueOptions
            {
                Mode = AuditMode.Batch,
                BufferSize = 10_000,
                MaxBatchSize = 400,
                MaxBatchWait = TimeSpan.FromSeconds(30),
                BatchesPerSecond = 10,
                BatchBurst = 15,
            },
            audit.EffectiveWebhookQueue);
        Assert.Equal(TimeSpan.FromSeconds(10), audit.WebhookInitialBackoff);
    }

    [Theory]
    [InlineData("blocking")]
    [InlineData("blocking-strict")]
    public void Where_requests_wait_for_the_webhook_nothing_waits_for_a_larger_batch(string mode)
    {
        var queue = Read($"--audit-policy-file={Path("policy.yaml")}", "--audit-log-path=-", $"--audit-webhook-mode={mode}").Audit.EffectiveWebhookQueue;
        Assert.Equal(TimeSpan.Zero, queue.MaxBatchWait);
        Assert.Null(queue.BatchesPerSecond);
    }

    [Fact]
    public void Every_flag_counts()
    {
        var audit = Read(
            $"--audit-policy-file={Path("policy.yaml")}", "--audit-log-path=/tmp/none/audit.log", "--audit-log-format=legacy",
            "--audit-log-maxsize=5", "--audit-log-maxbackup", "3", "--audit-log-maxage=7", "--audit-log-compress",
            "--audit-log-mode=blocking-strict", "--audit-log-version=audit.k8s.io/v1", "--audit-log-batch-throttle-enable",
            "--audit-log-batch-throttle-qps=0.5", "--audit-log-truncate-enabled=true",
            "--audit-webhook-mode=batch", "--audit-webhook-batch-buffer-size=20", "--audit-webhook-batch-max-size=10",
            "--audit-webhook-batch-max-wait=1s", "--audit-webhook-batch-throttle-enable=false", "--audit-webhook-batch-throttle-burst=2",
            "--audit-webhook-truncate-enabled", "--audit-webhook-truncate-max-event-size=1000",
            "--audit-webhook-truncate-max-batch-size=5000", "--audit-webhook-initial-backoff=2s").Audit;
        Assert.Equal("/tmp/none/audit.log", audit.LogPath);
        Assert.Equal((AuditLogFormat.Legacy, 5L << 20, 3, TimeSpan.FromDays(7), true),
            (audit.Log.Format, audit.Log.MaxBytes, audit.Log.MaxBackups, audit.Log.MaxAge, audit.Log.Compress));
        Assert.Equal((AuditMode.BlockingStrict, null, 100 * 1024),
            (audit.EffectiveLogQueue.Mode, audit.EffectiveLogQueue.BatchesPerSecond, audit.EffectiveLogQueue.MaxEventBytes));
        Assert.Equal(
            new AuditQueueOptions
            {
                BufferSize = 20,
                MaxBatchSize = 10,
                MaxBatchWait = TimeSpan.FromSeconds(1),
                BatchBurst = 2,
                MaxEventBytes = 1000,
                MaxBatchBytes = 5000,
            },
            audit.EffectiveWebhookQueue);
        Assert.Equal(TimeSpan.FromSeconds(2), audit.WebhookInitialBackoff);
    }

    [Theory]
    [InlineData("--audit-policy-file=policy.yaml", "says what is audited but not where to")]
    [InlineData("--audit-log-path=/tmp/none/audit.log", "--audit-log-path: nothing is audited without a policy")]
    [InlineData("--audit-policy-file=none.yaml --audit-log-path=-", "none.yaml does not exist")]
    [InlineData("--audit-policy-file=broken.yaml --audit-log-path=-", "rules[0].level: Unsupported value: \"All\"")]
    [InlineData("--audit-policy-file=policy.yaml --audit-log-path=/tmp", "/tmp is a directory; give a file")]
    [InlineData("--audit-policy-file=policy.yaml --audit-log-path=- --audit-log-mode=async", "\"async\" is no mode")]
    [InlineData("--audit-policy-file=policy.yaml --audit-log-path=- --audit-log-format=text", "\"text\" is no format")]
    [InlineData("--audit-policy-file=policy.yaml --audit-log-path=- --audit-log-version=audit.k8s.io/v1beta1", "give audit.k8s.io/v1")]
    [InlineData("--audit-policy-file=policy.yaml --audit-webhook-config-file=plain.yaml", "nothing is sent over plain HTTP")]
    [InlineData("--audit-policy-file=policy.yaml --audit-webhook-config-file=broken.yaml", "--audit-webhook-config-file: ")]
    public void A_mistake_is_told_with_its_remedy(string arguments, string mistake)
    {
        var flags = arguments.Split(' ').Select(flag => flag.Replace("file=", "file=" + _folder.FullName + "/", StringComparison.Ordinal));
        var error = Assert.Throws<CommandException>(() => Read([.. flags]));
        Assert.Contains(mistake, error.Message, StringComparison.Ordinal);
    }

    private string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

    private void Write(string name, string text) => File.WriteAllText(Path(name), text);

    private ServerSettings Read(params string[] arguments) =>
        ServerCommand.Read([$"--data={_folder.FullName}/data", .. arguments]).Settings;
}
