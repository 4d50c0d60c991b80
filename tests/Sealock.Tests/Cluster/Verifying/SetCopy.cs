// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Creating;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Cluster.Surveying;
using Sealock.Cluster.Verifying;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Tests.Support;

namespace Sealock.Tests.Cluster.Verifying;

/// <summary>A cluster's set in a folder of its own that is deleted afterwards, with the means to break it.</summary>
internal sealed class SetCopy : IDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Within = TimeSpan.FromDays(30);

    private SetCopy(ClusterPlan plan, string folder) => (Plan, Folder) = (plan, new SetFolder(folder));

    public ClusterPlan Plan { get; }

    public SetFolder Folder { get; }

    /// <summary>A good set.</summary>
    public static SetCopy Make(ClusterConfiguration configuration)
    {
        var set = new SetCopy(ClusterPlan.For(configuration), Directory.CreateTempSubdirectory("sealock-verify-").FullName);
        SetCreator.Run(set.Plan, set.Folder, new(), new FakeTimeProvider(Now.AddMinutes(-1)), CancellationToken.None);
        return set;
    }

    /// <summary>The same set again, to be broken.</summary>
    public SetCopy Copy()
    {
        var copy = new SetCopy(Plan, Directory.CreateTempSubdirectory("sealock-verify-").FullName);
        foreach (var folder in Directory.EnumerateDirectories(Folder.Root, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Moved(folder), File.GetUnixFileMode(folder));
        foreach (var file in Directory.EnumerateFiles(Folder.Root, "*", SearchOption.AllDirectories))
            File.Copy(file, Moved(file));
        return copy;

        string Moved(string path) => copy.Folder.Root + path[Folder.Root.Length..];
    }

    public Survey Survey() => Sealock.Cluster.Surveying.Survey.Read(SurveyScope.OfSet(Plan, Folder), Now, Within, CancellationToken.None);

    public IReadOnlyList<Finding> Verify() => Verifier.Run(Survey());

    /// <summary>The path of a node's file.</summary>
    public string At(string node, string path) => Path.Combine(Folder.Root, "nodes", node) + path;

    /// <summary>The path of a file in a node's folder of certificates.</summary>
    public string Pki(string node, string name) => At(node, "/etc/kubernetes/pki/" + name);

    public string Manifest(string node, string component) => At(node, $"/etc/kubernetes/manifests/{component}.yaml");

    /// <summary>Changes a text file.</summary>
    public void Edit(string path, Func<string, string> change)
    {
        var text = File.ReadAllText(path);
        var changed = change(text);
        Assert.NotEqual(text, changed);
        File.WriteAllText(path, changed);
    }

    /// <summary>Takes flags out of a manifest and puts others in.</summary>
    public void Flags(string node, string component, IReadOnlyList<string> without, params string[] with) => Edit(Manifest(node, component), text =>
    {
        foreach (var flag in without)
            text = Regex.Replace(text, $"^ *- --{flag}(=.*)?\n", "", RegexOptions.Multiline);
        return new Regex("^( *)- --", RegexOptions.Multiline).Replace(text, string.Concat(with.Select(flag => $"$1- --{flag}\n")) + "$1- --", 1);
    });

    /// <summary>Replaces a node's certificate by one that differs from the plan's, over the key that stands there or another.</summary>
    public void Forge(string node, string name, Func<Forgery, Forgery> change, AsymmetricAlgorithm? key = null, string? authority = null, bool writeKey = false)
    {
        var planned = Plan.Certificates.Single(certificate => certificate.Node.Name == node && certificate.Name == name);
        var (issuer, issuerKey) = Authority(authority ?? planned.Authority.Name);
        var kubeconfig = name.EndsWith(".conf", StringComparison.Ordinal);
        var (path, keyPath) = kubeconfig ? (At(node, "/etc/kubernetes/" + name), "") : PairOf(node, name);
        var own = key ?? Key(kubeconfig ? Encoding.UTF8.GetString(Convert.FromBase64String(Data(path, "client-key-data"))) : File.ReadAllText(keyPath));
        var forgery = change(new()
        {
            Subject = string.Join(", ", planned.Subject.Attributes.Select(attribute => $"{attribute.ShortName}=\"{attribute.Value}\"").Reverse()),
            Names = [.. planned.Names.Select(one => one.Text)],
            Purposes = planned.Profile.KeyPurposes,
            NotBefore = Now.AddDays(-1),
            NotAfter = Now.AddDays(364),
        });
        var made = forgery.Sign(own, issuer, issuerKey);
        if (kubeconfig)
            SetData(path, "client-certificate-data", made.ToPem());
        else
            File.WriteAllText(path, made.ToPem());
        if (writeKey)
            File.WriteAllText(keyPath, Pem(own));
    }

    /// <summary>Puts a certificate of whoever in a leaf's place.</summary>
    public void Replace(string node, string name, Func<AsymmetricAlgorithm, Certificate> make)
    {
        var (path, keyPath) = PairOf(node, name);
        File.WriteAllText(path, make(Key(File.ReadAllText(keyPath))).ToPem());
    }

    /// <summary>A CA of this set, with its key.</summary>
    public (Certificate Certificate, AsymmetricAlgorithm Key) Authority(string name)
    {
        var authority = Plan.Authorities.Single(one => one.Name == name);
        return (Certificate.ListFromPem(File.ReadAllText(Folder.CertificateOf(authority)))[0], Key(File.ReadAllText(Folder.KeyOf(authority))));
    }

    /// <summary>A CA that nobody knows.</summary>
    public static (Certificate Certificate, AsymmetricAlgorithm Key) Stranger(string commonName = "stranger")
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return (new Forgery
        {
            Subject = "CN=" + commonName,
            KeyUsage = System.Security.Cryptography.X509Certificates.X509KeyUsageFlags.KeyCertSign,
            IsCa = true,
            NotBefore = Now.AddDays(-1),
            NotAfter = Now.AddDays(3000),
        }.Sign(key, null, key), key);
    }

    public static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static string Pem(AsymmetricAlgorithm key) => key.ExportPkcs8PrivateKeyPem() + "\n";

    public static string PublicPem(AsymmetricAlgorithm key) => key.ExportSubjectPublicKeyInfoPem() + "\n";

    public static string Data(string kubeconfig, string field) =>
        Regex.Match(File.ReadAllText(kubeconfig), $"^ *{field}: (.*)$", RegexOptions.Multiline).Groups[1].Value.Trim();

    public void SetData(string kubeconfig, string field, string pem) => Edit(kubeconfig, text =>
        Regex.Replace(text, $"^( *{field}: ).*$", "$1" + Convert.ToBase64String(Encoding.UTF8.GetBytes(pem)), RegexOptions.Multiline));

    private (string Certificate, string Key) PairOf(string node, string name)
    {
        var stem = name switch
        {
            "kubelet-serving" => At(node, "/var/lib/kubelet/pki/kubelet"),
            _ when name.StartsWith("etcd-", StringComparison.Ordinal) => Pki(node, "etcd/" + name["etcd-".Length..]),
            _ => Pki(node, name),
        };
        return (stem + ".crt", stem + ".key");
    }

    private static AsymmetricAlgorithm Key(string pem)
    {
        using var read = KeyPair.FromPem(pem);
        AsymmetricAlgorithm key = read.PublicKey.Kind == KeyKind.Rsa ? RSA.Create() : ECDsa.Create();
        key.ImportFromPem(read.ToPkcs8Pem());
        return key;
    }

    public void Dispose() => Directory.Delete(Folder.Root, recursive: true);
}
