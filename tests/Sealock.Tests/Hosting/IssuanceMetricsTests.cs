// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Hosting;
using Sealock.Controllers.Reconciling;
using Sealock.Gateway.Metrics;
using Sealock.Hosting;
using Sealock.Tests.Support;

namespace Sealock.Tests.Hosting;

public sealed class IssuanceMetricsTests
{
    private const string Labels = "name=\"web\",namespace=\"default\",issuer_name=\"ca\",issuer_kind=\"Issuer\",issuer_group=\"cert-manager.io\"";

    [Fact]
    public void Metrics_bear_the_names_and_labels_of_cert_manager()
    {
        var state = new IssuanceFigures(
            [new("default", "web", "ca", "Issuer", "cert-manager.io", "False", Time(100), Time(200), null, 3)],
            [new("default", "ca", "True"), new("", "letsencrypt", "Unknown")]);
        var text = new PrometheusText();
        IssuanceMetrics.Write(text, [new LoopMetrics("certificates")], state, null, new FakeTimeProvider());
        var lines = text.ToString().Split('\n');
        Assert.All(
            [
                $"certmanager_certificate_expiration_timestamp_seconds{{{Labels}}} 200",
                $"certmanager_certificate_not_after_timestamp_seconds{{{Labels}}} 200",
                $"certmanager_certificate_not_before_timestamp_seconds{{{Labels}}} 100",
                $"certmanager_certificate_renewal_timestamp_seconds{{{Labels}}} 0",
                $"certmanager_certificate_ready_status{{{Labels},condition=\"False\"}} 1",
                $"certmanager_certificate_ready_status{{{Labels},condition=\"True\"}} 0",
                $"sealock_certificate_failed_attempts{{{Labels}}} 3",
                "certmanager_issuer_ready_status{name=\"ca\",namespace=\"default\",condition=\"True\"} 1",
                "certmanager_clusterissuer_ready_status{name=\"letsencrypt\",namespace=\"\",condition=\"Unknown\"} 1",
                "certmanager_controller_sync_call_count{controller=\"certificates\"} 0",
                "certmanager_controller_sync_error_count{controller=\"certificates\"} 0",
            ],
            (string line) => Assert.Contains(line, lines));
    }

    private static DateTimeOffset Time(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);
}
