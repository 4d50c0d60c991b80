// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text.RegularExpressions;
using Sealock.Cluster.Listing;
using Sealock.Cluster.Verifying;
using Sealock.Commands.Pki;
using Sealock.Tests.Cluster.Verifying;

namespace Sealock.Tests.Cluster.Listing;

/// <summary>What a list looks like in each of its forms; numbers that differ from run to run are blanked.</summary>
public sealed partial class ListingTests : IDisposable
{
    private readonly SetCopy set = SetCopy.Make(new()
    {
        EndpointHost = "api.example.com",
        Nodes =
        [
            new() { Name = "master1", IsControlPlane = true, Addresses = [IPAddress.Parse("10.0.0.1")] },
            new() { Name = "worker1", Addresses = [IPAddress.Parse("10.0.0.9")] },
        ],
    });

    public void Dispose() => set.Dispose();

    [Fact]
    public void A_narrow_terminal_shows_what_matters_most()
    {
        Assert.Equal(
            """
            NODE      CERTIFICATE                RESIDUAL TIME   FINDINGS
            master1   admin.conf                 364d            -
            master1   controller-manager.conf    364d            -
            master1   kube-proxy.conf            364d            -
            master1   kubelet.conf               364d            -
            master1   apiserver-etcd-client      364d            -
            master1   apiserver-kubelet-client   364d            -
            master1   apiserver                  364d            -
            master1   etcd-healthcheck-client    364d            -
            master1   etcd-peer                  364d            -
            master1   etcd-server                364d            -
            master1   front-proxy-client         364d            -
            master1   scheduler.conf             364d            -
            master1   super-admin.conf           364d            -
            master1   kubelet-serving            364d            -
            worker1   kube-proxy.conf            364d            -
            worker1   kubelet.conf               364d            -
            worker1   kubelet-serving            364d            -

            CERTIFICATE AUTHORITY   EXPIRES                  RESIDUAL TIME   FINDINGS
            ca                      Feb 27, 2036 11:54 UTC   9y              -
            etcd-ca                 Feb 27, 2036 11:54 UTC   9y              -
            front-proxy-ca          Feb 27, 2036 11:54 UTC   9y              -

            """, Text(list => writer => ListPage.Write(writer, list, wide: false, width: 80)));
    }

    [Fact]
    public void Without_a_limit_kubeadms_columns_and_more_are_there()
    {
        var lines = Text(list => writer => ListPage.Write(writer, list, wide: false, width: int.MaxValue)).Split('\n');
        Assert.Equal("NODE      CERTIFICATE                TYPE     EXPIRES                  RESIDUAL TIME   CERTIFICATE AUTHORITY   EXTERNALLY MANAGED   "
            + "CN                               O                        KEY           FINDINGS", lines[0]);
        Assert.Equal("master1   apiserver-kubelet-client   client   Mar 01, 2027 11:54 UTC   364d            ca                      no                   "
            + "kube-apiserver-kubelet-client    kubeadm:cluster-admins   ECDSA P-256   -", lines[6]);
    }

    [Fact]
    public void A_wide_table_has_everything()
    {
        var first = Text(list => writer => ListPage.Write(writer, list, wide: true, width: 80)).Split('\n')[0];
        Assert.All(["SANS", "USAGES", "SERIAL", "ISSUER", "PATH"], column => Assert.Contains(column, first, StringComparison.Ordinal));
    }

    [Fact]
    public void Only_what_is_due_needs_attention()
    {
        Assert.False(List().NeedsAttention);
        set.Forge("master1", "apiserver", f => f with { NotBefore = SetCopy.Now.AddDays(-355), NotAfter = SetCopy.Now.AddDays(10) });
        set.Forge("master1", "front-proxy-client", f => f with { NotAfter = SetCopy.Now.AddDays(3000) });
        var list = List();
        Assert.True(list.NeedsAttention);
        Assert.Equal(["apiserver"], list.Rows.Where(CertificateList.IsDue).Select(row => row.Name));
        Assert.Equal(["expiring"], ListPage.Due(list).Select(finding => finding.Rule));
    }

    [Fact]
    public void A_missing_certificate_has_a_row()
    {
        File.Delete(set.Pki("master1", "apiserver.crt"));
        var list = List();
        var row = Assert.Single(list.Rows, row => row.Certificate is null);
        Assert.Equal(("master1", "apiserver", "server"), (row.Node, row.Name, row.Type));
        Assert.True(CertificateList.IsDue(row));
        Assert.Contains("MISSING", Text(list => writer => ListPage.Write(writer, list, wide: false, width: 120)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_metrics_page_has_the_exporters_names_and_labels()
    {
        var page = Blank(Text(list => writer => MetricsPage.Write(writer, list)));
        Assert.Contains(
            "x509_cert_not_after{filename=\"apiserver.crt\",filepath=\"SET/nodes/master1/etc/kubernetes/pki/apiserver.crt\",serial_number=\"N\",issuer_CN=\"kubernetes\",subject_CN=\"kube-apiserver\"} 1803902040\n",
            page, StringComparison.Ordinal);
        Assert.Contains(
            "x509_cert_expired{filename=\"admin.conf\",filepath=\"SET/nodes/master1/etc/kubernetes/admin.conf\",embedded_kind=\"user\",embedded_key=\"kubernetes-admin\",serial_number=\"N\",issuer_CN=\"kubernetes\",subject_O=\"kubeadm:cluster-admins\",subject_CN=\"kubernetes-admin\"} 0\n",
            page, StringComparison.Ordinal);
        Assert.Contains("embedded_kind=\"cluster\",embedded_key=\"kubernetes\"", page, StringComparison.Ordinal);
        Assert.Contains("x509_source_up{source_kind=\"file\",source_name=\"sealock\"} 1\n", page, StringComparison.Ordinal);
        Assert.Contains("x509_source_up{source_kind=\"kubeconfig\",source_name=\"sealock\"} 1\n", page, StringComparison.Ordinal);
        var series = page.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line[..line.LastIndexOf(' ')]).ToList();
        Assert.All(page.Split('\n').Where(line => line.Length > 0), line => Assert.Matches(Exposition(), line));
        Assert.Equal(series.Count, Text(list => writer => MetricsPage.Write(writer, list)).Split('\n').Where(line => line.Length > 0 && line[0] != '#').Distinct().Count());
        Assert.Equal(
            ["x509_cert_error", "x509_cert_expired", "x509_cert_expires_in_seconds", "x509_cert_not_after", "x509_cert_not_before", "x509_cert_valid_since_seconds", "x509_source_bundles", "x509_source_errors_total", "x509_source_up"],
            series.Select(one => one[..one.IndexOf('{', StringComparison.Ordinal)]).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_broken_certificate_is_an_error_in_the_metrics()
    {
        File.WriteAllText(set.Pki("master1", "apiserver.crt"), "no certificate");
        var page = Blank(Text(list => writer => MetricsPage.Write(writer, list)));
        Assert.Contains("x509_cert_error{filename=\"apiserver.crt\",filepath=\"SET/nodes/master1/etc/kubernetes/pki/apiserver.crt\"} 1\n", page, StringComparison.Ordinal);
        Assert.Contains("x509_source_errors_total{source_kind=\"file\",source_name=\"sealock\",reason=\"read_failed\"} 1\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void CSV_has_a_line_for_each_certificate_and_quotes_what_needs_it()
    {
        var lines = Text(list => writer => ListCsv.Write(writer, list)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("node,name,type,path,commonName,organizations,names,usages,authority,issuer,serialNumber,notBefore,notAfter,residualDays,key,externallyManaged,findings", lines[0]);
        Assert.Equal(List().Rows.Count + 1, lines.Length);
        Assert.All(lines, line => Assert.Equal(16, Quoted().Replace(line, "").Count(c => c == ',')));
    }

    [Fact]
    public void JSON_tells_facts_and_findings()
    {
        set.Forge("master1", "apiserver", f => f with { NotAfter = SetCopy.Now.AddDays(-1) });
        var document = ListJson.Of(List());
        var row = document["certificates"]!.AsArray().Single(one => one!["name"]!.GetValue<string>() == "apiserver")!;
        Assert.True(document["needsAttention"]!.GetValue<bool>());
        Assert.Equal("Expired", row["state"]!.GetValue<string>());
        Assert.Equal("expired", row["findings"]![0]!["rule"]!.GetValue<string>());
        Assert.Equal("2026-02-28T12:00:00Z", row["notAfter"]!.GetValue<string>());
        Assert.Equal(-86400, row["residualSeconds"]!.GetValue<long>());
    }

    [Fact]
    public void Findings_are_grouped_and_broken_at_words()
    {
        var writer = new StringWriter { NewLine = "\n" };
        FindingPage.Write(
            writer,
            [
                new()
                {
                    Rule = "expired", Severity = Severity.Error, Node = "n", Subject = "n/apiserver", Path = "/x/apiserver.crt",
                    What = "it expired 3 days ago", Why = "Everyone refuses it, and it will be refused by everyone for as long as it is shown.", Fix = "sealock pki renew apiserver",
                },
                new() { Rule = "name-odd", Severity = Severity.Warning, Node = "n", Subject = "n/apiserver", Path = "/x/apiserver.crt", What = "\e[31mred", Why = "y", Fix = "z" },
            ],
            new(60, false));
        Assert.Equal(
            """
            n/apiserver  /x/apiserver.crt
              error   it expired 3 days ago [expired]
                      why: Everyone refuses it, and it will be refused
                          by everyone for as long as it is shown.
                      fix: sealock pki renew apiserver
              warning \u{1b}[31mred [name-odd]
                      why: y
                      fix: z

            """, writer.ToString());
    }

    private CertificateList List()
    {
        var survey = set.Survey();
        return CertificateList.Of(survey, Verifier.RunCertificates(survey));
    }

    private string Text(Func<CertificateList, Action<TextWriter>> write)
    {
        var writer = new StringWriter { NewLine = "\n" };
        write(List())(writer);
        return writer.ToString();
    }

    private string Blank(string page) => Serial().Replace(page.Replace(set.Folder.Root, "SET", StringComparison.Ordinal), "serial_number=\"N\"");

    [GeneratedRegex("serial_number=\"[0-9]+\"")]
    private static partial Regex Serial();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex("^(# (HELP [a-z0-9_]+ .+|TYPE [a-z0-9_]+ (gauge|counter))|[a-z0-9_]+\\{([a-zA-Z_]+=\"([^\"\\\\]|\\\\.)*\",?)+\\} -?[0-9]+)$")]
    private static partial Regex Exposition();
}
