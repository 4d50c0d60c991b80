// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Tests.Support;

namespace Sealock.Tests.Cluster.Sets;

public sealed class StandingSetTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sealock-").FullName;
    private readonly ClusterPlan _plan = ClusterPlan.For(new()
    {
        EndpointHost = "api.example.com",
        Nodes = [new() { Name = "master1", IsControlPlane = true, Addresses = [IPAddress.Parse("10.0.0.1")] }],
    });

    private PlannedCertificate ApiServer => _plan.Certificates.Single(certificate => certificate.Name == "apiserver");

    private StandingSet Read() => StandingSet.Read(_plan, new SetFolder(_root), CancellationToken.None);

    private string PathOf(FileContent content) => new SetFolder(_root).PathOf(_plan.Files.Single(file => file.Content == content));

    private void Put(FileContent content, string text)
    {
        var path = PathOf(content);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    [Fact]
    public void Of_an_empty_folder_everything_is_missing()
    {
        var set = Read();
        Assert.All(set.Files, file => Assert.True(file.IsMissing));
        Assert.All(set.Certificates, certificate => Assert.Null(certificate.Leaf));
        Assert.All(set.Authorities, authority => Assert.Null(authority.Certificate));
    }

    [Fact]
    public void A_pair_of_files_is_a_chain_and_a_key()
    {
        using var key = KeyPair.Generate();
        var ca = CertificateAuthority.CreateRoot("ca", key, new FakeTimeProvider().GetUtcNow());
        Put(new LeafCertificate(ApiServer), ca.Certificate.ToPem());
        Put(new LeafKey(ApiServer), key.ToPkcs8Pem());
        var standing = Read()[ApiServer];
        Assert.Equal(ca.Certificate, standing.Leaf);
        using var read = standing.KeyCarrier.ReadKey(null, out var problem);
        Assert.Null(problem);
        Assert.Equal(key.PublicKey, read!.PublicKey);
    }

    [Theory]
    [InlineData("", "expected")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n", "expected")]
    [InlineData("hello", "expected")]
    public void What_is_malformed_is_told_in_words(string text, string problem)
    {
        Put(new LeafCertificate(ApiServer), text);
        var standing = Read()[ApiServer];
        Assert.Null(standing.Leaf);
        Assert.Contains(problem, standing.Carrier.CertificateProblem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_or_an_oversized_file_in_the_place_of_a_file_is_a_problem_and_no_fault()
    {
        Directory.CreateDirectory(PathOf(new LeafKey(ApiServer)));
        Put(new LeafCertificate(ApiServer), new string('a', StandingFile.MaxBytes + 1));
        var standing = Read()[ApiServer];
        Assert.NotNull(standing.KeyCarrier.Problem);
        Assert.Contains("larger than", standing.Carrier.Problem, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
