// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Security;
using Sealock.Gateway.Authentication;
using Sealock.Tests.Support;

namespace Sealock.Tests.Gateway;

public class TokenFileTests
{
    private readonly TokenHasher _hasher = new();

    [Theory]
    [InlineData("t,jane,1\n", "jane", "1", "system:authenticated")]
    [InlineData("t,jane,1", "jane", "1", "system:authenticated")]
    [InlineData("t,jane,1\r\n", "jane", "1", "system:authenticated")]
    [InlineData("\n\nx,y,z\r\n\r\nt,jane,1\n", "jane", "1", "system:authenticated")]
    [InlineData("t,jane,1,devs\n", "jane", "1", "devs,system:authenticated")]
    [InlineData("t,jane,1,\"devs,ops\"\r\nx,y,z\n", "jane", "1", "devs,ops,system:authenticated")]
    [InlineData("t,jane,1,\"devs\nops\"\n", "jane", "1", "devs\nops,system:authenticated")]
    [InlineData("\"t\",\"ja\"\"ne\",\"1,2\",\"\",more\n", "ja\"ne", "1,2", "system:authenticated")]
    [InlineData("t,jane,,system:unauthenticated\n", "jane", "", "system:unauthenticated")]
    [InlineData("t,joe,1\nt,jane,2\n", "jane", "2", "system:authenticated")]
    [InlineData("\uFEFFt,jane,1\n", null, null, null)]
    [InlineData("t ,jane,1\n", null, null, null)]
    [InlineData("", null, null, null)]
    public void Records_are_read_as_kube_apiserver_reads_them(string text, string? name, string? uid, string? groups)
    {
        var user = TokenFile.Parse(text, _hasher).Find(_hasher.Hash("t"));
        Assert.Equal(name, user?.Name);
        Assert.Equal(uid, user?.Uid);
        Assert.Equal(groups, user is null ? null : string.Join(',', user.Groups));
    }

    [Theory]
    [InlineData("a,b,c\nhunter2,jane\n", "line 2: expected at least 3 columns (token, user name, user uid), found 2")]
    [InlineData("\n\nhunter2\n", "line 3: expected at least 3 columns (token, user name, user uid), found 1")]
    [InlineData(
        "a,b,c,\"d\ne\"\nhunter2\n", "line 3: expected at least 3 columns (token, user name, user uid), found 1")]
    [InlineData("hun\"ter2,jane,1\n", "line 1: a quote stands inside a field that is not quoted")]
    [InlineData("\"hunter2,jane,1\n", "line 1: a quoted field is not closed")]
    [InlineData("\"hunter2\"x,jane,1\n", "line 1: something follows a closing quote")]
    public void What_is_malformed_is_named_by_its_line_and_not_shown(string text, string message)
    {
        var error = Assert.Throws<FormatException>(() => TokenFile.Parse(text, _hasher));
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void Who_came_in_with_a_token_stays_while_it_stands_for_the_same_user()
    {
        UserInfo Find(TokenFile file, string token) => file.Find(_hasher.Hash(token))!;
        var before = TokenFile.Parse("a,ann,1,devs\nb,bob,2\nc,cid,3\n", _hasher);
        var after = TokenFile.Parse("a,ann,1,devs\nb,bob,2,ops\nd,dan,4\n", _hasher).After(before, out var withdrawn);
        Assert.Same(Find(before, "a"), Find(after, "a"));
        Assert.NotSame(Find(before, "b"), Find(after, "b"));
        Assert.Equal(["bob", "cid"], withdrawn.Select(user => user.Name).Order());
        Assert.Equal("dan", Find(after, "d").Name);
    }

    [Fact]
    public void No_text_is_too_odd_to_be_read_or_refused() => Check.QuickThrowOnFailure(Prop.ForAll<string>(text =>
    {
        try
        {
            foreach (var part in new[] { text ?? "", $"\"{text}", $"a,\"{text}\",b\n{text}" })
                TokenFile.Parse(part, _hasher);
        }
        catch (FormatException error)
        {
            Assert.StartsWith("line ", error.Message, StringComparison.Ordinal);
        }
    }));

    [Fact]
    public void Empty_and_repeated_tokens_are_warned_about()
    {
        var file = TokenFile.Parse(",jane,1\nt,joe,2\nt,ann,3\n", _hasher);
        Assert.Equal(2, file.Warnings.Length);
        Assert.Equal("line 1: the token is empty; the line is ignored", file.Warnings[0]);
        Assert.Equal("line 3: the token stands in an earlier line too; this line counts", file.Warnings[1]);
        Assert.Null(file.Find(_hasher.Hash("")));
    }

    [Fact]
    public async Task A_changed_file_is_read_again_and_a_broken_one_changes_nothing()
    {
        var directory = Directory.CreateTempSubdirectory("sealock-tokens-");
        try
        {
            var path = Path.Combine(directory.FullName, "tokens.csv");
            await File.WriteAllTextAsync(path, "one,jane,1\n");
            var clock = new FakeTimeProvider();
            using var authenticator =
                new TokenFileAuthenticator(path, ["api", "other"], clock, NullLogger.Instance);
            async Task<string?> Who(string token) =>
                (await authenticator.AuthenticateAsync(token, [], CancellationToken.None))?.User.Name;
            Assert.Equal("jane", await Who("one"));
            var review = await authenticator.AuthenticateAsync("one", ["else", "other"], CancellationToken.None);
            Assert.Equal("other", review!.Audiences.Single());
            Assert.Null(await authenticator.AuthenticateAsync("one", ["else"], CancellationToken.None));
            await File.WriteAllTextAsync(path, "two,ann,2\n");
            clock.Advance(TimeSpan.FromSeconds(21));
            Assert.Null(await Who("one"));
            Assert.Equal("ann", await Who("two"));
            await File.WriteAllTextAsync(path, "three\n");
            clock.Advance(TimeSpan.FromSeconds(21));
            Assert.Equal("ann", await Who("two"));
            File.Delete(path);
            clock.Advance(TimeSpan.FromSeconds(21));
            Assert.Equal("ann", await Who("two"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
