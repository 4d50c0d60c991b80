// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sealock.Cluster.Surveying;
using Sealock.Cluster.Verifying;
using Sealock.Pki.Certificates;
using Sealock.Pki.Files;
using Sealock.Tests.Support;

namespace Sealock.Tests.Cluster.Verifying;

/// <summary>Folders that openssl commands of how-tos make, judged by the files' names alone.</summary>
public sealed class LooseFolderTests
{
    private const string MisspeltConfiguration = """
        [ req ]
        req_extensions = v3_req

        [v3_req]
        basicConstraints = CA:FALSE
        keyUsage = nonRepudiation ,
        sibjectAltName = @alt_names

        [alt_names]
        DNS.1 = kubernetes
        IP.1 =  10.23.45.61
        """;

    [Fact]
    public void The_commands_of_a_short_how_to_make_a_cluster_that_cannot_work()
    {
        using var openssl = new OpenSsl();
        openssl.Run("genrsa -out ca.key 2048");
        openssl.Run("req -new -key ca.key -subj /CN=KUBERNETES-CA -out ca.csr");
        openssl.Run("x509 -req -in ca.csr -signkey ca.key -out ca.crt");
        openssl.Run("genrsa -out admin.key 2048");
        openssl.Run("req -new -key admin.key -subj /CN=kube-admin/O=system:master -out admin.csr");
        openssl.Run("x509 -req -in admin.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out admin.crt");
        openssl.Write("openssl.cnf", MisspeltConfiguration);
        openssl.Run("genrsa -out apiserver.key 2048");
        // The configuration is refused; without it, and with the key of the administrator as in the text:
        Assert.NotEqual(0, openssl.TryRun("req -new -key admin.key -subj /CN=kube-apiserver -out apiserver.csr -config openssl.cnf").ExitCode);
        openssl.Run("req -new -key admin.key -subj /CN=kube-apiserver -out apiserver.csr");
        openssl.Run("x509 -req -in apiserver.csr -CA ca.crt -CAkey ca.key -out apiserver.crt");
        openssl.Write("kube-config.yaml", """
            apiVersion: v1
            kind: Config
            clusters:
            - name: kubernetes
              cluster:
                certificate-authority: ca.crt
                server: https://kube-apiserver:6443
            users:
            - name: kubernetes-admin
              user:
                client-certificate: admin.crt
                client-key: admin.key
            """);
        Private(openssl.Folder);
        Expect(
            openssl.Folder,
            [
                // openssl 3.2 and later make version 3 even so.
                .. Version1(openssl, "ca.crt") ? ["ca-version-1 ca"] : Array.Empty<string>(),
                .. Version1(openssl, "admin.crt") ? ["version-1 admin", "version-1 apiserver"] : new[] { "usage-unlimited admin", "usage-unlimited apiserver" },
                "ca-expiring ca", "organization admin", "key-mismatch apiserver", "name-missing apiserver", "key-reused apiserver",
                "openssl-configuration openssl.cnf", "kubeconfig-context kube-config.yaml",
            ],
            ("organization", "system:master"), ("key-mismatch", "admin.key"), ("openssl-configuration", "sibjectAltName"));
    }

    [Fact]
    public void The_commands_of_a_long_how_to_make_a_cluster_that_is_open()
    {
        using var openssl = new OpenSsl();
        openssl.Run("genrsa -out ca.key 2048");
        openssl.Run("req -x509 -new -nodes -key ca.key -subj /CN=kubemaster -days 10000 -out ca.crt");
        openssl.Run("genrsa -out server.key 2048");
        openssl.Write("openssl.cnf", File.ReadAllText("/etc/ssl/openssl.cnf") + "\n[SAN]\nsubjectAltName='DNS.1:kubernetes.default.svc,DNS.2:kubemaster,IP.1:10.24.0.1'\n");
        openssl.Run("req -new -key server.key -subj /CN=kubernetes.default.svc -reqexts SAN -config openssl.cnf -out server.csr");
        openssl.Run("x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -extensions SAN -extfile openssl.cnf -days 10000 -out server.crt");
        openssl.Run("req -newkey rsa:2048 -nodes -keyout kubeminion1.key -subj /CN=kubeminion1 -out kubeminion1.csr");
        openssl.Run("x509 -req -days 10000 -in kubeminion1.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out kubeminion1.crt");
        Private(openssl.Folder);
        openssl.Write("tokens.csv", "abc,kubelet,kubelet\n");
        File.SetUnixFileMode(openssl.PathOf("tokens.csv"), (UnixFileMode)0x1a4);
        openssl.Write("apiserver", "KUBE_API_ARGS=\"--kubelet-https=true\n--client-ca-file=/srv/kubernetes/ca.crt\n--tls-cert-file=/srv/kubernetes/server.crt\n"
            + "--tls-private-key-file=/srv/kubernetes/server.key\n--token-auth-file=/srv/kubernetes/tokens.csv\"\n");
        openssl.Write("controller-manager", "KUBE_CONTROLLER_MANAGER_ARGS=\"--root-ca-file=/srv/kubernetes/ca.crt\n"
            + "--service-account-private-key-file=/srv/kubernetes/server.key\n--node-monitor-grace-period=20s --pod-eviction-timeout=20s\"\n");
        openssl.Write("kubelet", "KUBELET_API_SERVER=\"--api-servers=https://kubemaster:6443\"\nKUBELET_ARGS=\"--cluster-dns=10.24.0.10 --cluster-domain=kubic.local\n"
            + "--enable_server=true --register-node=true\n--kubeconfig=/var/lib/kubelet/kubeconfig\n--node-status-update-frequency=5s\"\n");
        Expect(
            openssl.Folder,
            [
                "ca-lifetime ca", "lifetime server", "lifetime kubeminion1", "usage-unlimited server", "name-missing server",
                Version1(openssl, "kubeminion1.crt") ? "version-1 kubeminion1" : "usage-unlimited kubeminion1",
                "token-auth-file kube-apiserver", "secret-readable tokens.csv", "always-allow kube-apiserver", "kubelet-client-missing kube-apiserver",
                "kubelet-ca-missing kube-apiserver", "service-account-key-shared kube-controller-manager",
                "always-allow kubelet", "anonymous-auth kubelet", "read-only-port kubelet", "client-ca-missing kubelet",
            ],
            ("service-account-key-shared", "server.key"), ("name-missing", "kubernetes.default"));
    }

    [Fact]
    public void A_signature_over_SHA_1_is_found()
    {
        using var openssl = new OpenSsl();
        openssl.Run("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -subj /CN=kubernetes -days 3000 -out ca.crt");
        openssl.Run("genrsa -out scheduler.key 2048");
        openssl.Run("req -new -key scheduler.key -subj /CN=system:kube-scheduler -out scheduler.csr");
        openssl.Write("ext", "extendedKeyUsage=clientAuth\nbasicConstraints=CA:FALSE\n");
        openssl.Run("x509 -req -sha1 -in scheduler.csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile ext -out scheduler.crt -days 300");
        Private(openssl.Folder);
        Expect(openssl.Folder, ["signature-weak scheduler"]);
    }

    [Theory]
    [InlineData("no CA flag", "ca-flag ca")]
    [InlineData("no cert sign", "ca-cert-sign ca")]
    [InlineData("expired", "ca-expired ca", "outlives-issuer scheduler")]
    [InlineData("not yet valid", "ca-not-yet-valid ca")]
    [InlineData("weak key", "ca-key-weak ca")]
    [InlineData("thirty years", "ca-lifetime ca")]
    public void A_CA_that_cannot_be_one_is_found(string what, params string[] expected)
    {
        using var openssl = Good(what);
        Expect(openssl.Folder, expected);
    }

    [Fact]
    public void A_good_folder_has_no_findings()
    {
        using var openssl = Good();
        Expect(openssl.Folder, []);
    }

    [Fact]
    public void A_key_of_another_user_is_found()
    {
        if (!FileOwner.MayBeChanged)
            return;
        using var openssl = Good();
        var key = openssl.PathOf("scheduler.key");
        AtomicFile.Write(key, File.ReadAllBytes(key), AtomicFile.Secret, new FileOwner(12345, 12345));
        Expect(openssl.Folder, ["secret-owner scheduler.key"], ("secret-owner", "12345"));
    }

    [Fact]
    public void One_CA_for_users_and_for_etcd_is_found()
    {
        using var openssl = Good();
        File.Copy(openssl.PathOf("ca.crt"), openssl.PathOf("etcd-ca.crt"));
        Expect(openssl.Folder, ["one-ca-for-all etcd-ca"]);
    }

    [Fact]
    public void A_server_key_that_signs_tokens_under_another_name_is_found()
    {
        using var openssl = Good();
        File.Copy(openssl.PathOf("scheduler.key"), openssl.PathOf("sa.key"));
        Expect(openssl.Folder, ["key-reused scheduler"]);
    }

    [Fact]
    public void The_configuration_that_openssl_comes_with_has_no_mistakes() =>
        Assert.Empty(Sealock.Cluster.Verifying.Rules.OpenSslText.Mistakes(File.ReadAllText("/etc/ssl/openssl.cnf")));

    [Theory]
    [InlineData("[req]\nreq_extensions = gone\n", "[gone]")]
    [InlineData("[v3_req]\nsubjectAltName = @names\n", "[names]")]
    [InlineData("[v3_req]\nsibjectAltName = DNS:a\n", "subjectAltName = DNS:a")]
    [InlineData("[v3_req]\nextendedKeyUsage = serverAuht\n", "serverAuth")]
    [InlineData("[v3_req]\nkeyUsage = nonRepudiation ,\n", "digitalSignature")]
    [InlineData("[v3_req]\nextendedKeyUsage = serverAuth,\n", "extendedKeyUsage = serverAuth")]
    public void A_mistake_in_an_openssl_configuration_is_told_with_what_to_write(string text, string fix) =>
        Assert.Contains(fix, Assert.Single(Sealock.Cluster.Verifying.Rules.OpenSslText.Mistakes(text)).Fix, StringComparison.Ordinal);

    /// <summary>A CA of some defect, and the scheduler's certificate under it.</summary>
    private static OpenSsl Good(string what = "")
    {
        var folder = new OpenSsl();
        var now = SetCopy.Now;
        using AsymmetricAlgorithm key = what == "weak key" ? RSA.Create(1024) : SetCopy.NewKey();
        var authority = new Forgery
        {
            Subject = "CN=kubernetes",
            IsCa = what == "no CA flag" ? null : true,
            KeyUsage = what is "no cert sign" or "no CA flag" ? X509KeyUsageFlags.DigitalSignature : X509KeyUsageFlags.KeyCertSign,
            NotBefore = what == "not yet valid" ? now.AddDays(1) : now.AddDays(-400),
            NotAfter = what == "expired" ? now.AddDays(-1) : what == "thirty years" ? now.AddDays(365 * 30) : now.AddDays(3000),
        }.Sign(key, null, key);
        using var leafKey = SetCopy.NewKey();
        var leaf = new Forgery
        {
            Subject = "CN=system:kube-scheduler",
            Purposes = [KeyPurposes.ClientAuth],
            NotBefore = now.AddDays(-1),
            NotAfter = now.AddDays(364),
        }.Sign(leafKey, authority, key);
        folder.Write("ca.crt", authority.ToPem());
        folder.Write("ca.key", SetCopy.Pem(key));
        folder.Write("scheduler.crt", leaf.ToPem());
        folder.Write("scheduler.key", SetCopy.Pem(leafKey));
        Private(folder.Folder);
        return folder;
    }

    private static bool Version1(OpenSsl openssl, string file) => Certificate.FromPem(openssl.Read(file)).Version < 3;

    private static void Private(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder))
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static void Expect(string folder, IEnumerable<string> expected, params (string Rule, string Text)[] told)
    {
        // What openssl makes starts today; what is forged here is measured by the tests' own clock.
        var first = Directory.EnumerateFiles(folder, "*.crt").Select(file => Certificate.FromPem(File.ReadAllText(file)).NotBefore).Max();
        var now = first > SetCopy.Now.AddDays(2) ? first.AddMinutes(1) : SetCopy.Now;
        var survey = Survey.Read(SurveyScope.OfFolder(folder), now, TimeSpan.FromDays(30), CancellationToken.None);
        var findings = Verifier.Run(survey);
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            findings.Select(finding => $"{finding.Rule} {finding.Subject}").Distinct().Order(StringComparer.Ordinal));
        Assert.All(told, one => Assert.Contains(findings, finding => finding.Rule == one.Rule && finding.What.Contains(one.Text, StringComparison.Ordinal)));
    }
}
