// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Sealock.Controllers.Approval.Expressions;

namespace Sealock.Tests.Approval;

public sealed class CelRuleTests
{
    private static readonly CelSubject Subject = new("www.example.com", "web-1", "shop", "system:serviceaccount:shop:web");

    private static readonly string[] Pieces =
    [
        "self", "cr", ".name", ".namespace", "'a'", "\"\\", "'", "r'\\d'", "1", "-", "true", "[", "]", "(", ")", ",", " ", ".", "!", "&&", "||", "==", "<",
        "?", ":", "+", " in ", ".size()", ".matches('", "^[a-", "$')", ".exists(x, ", "x", ".format([", "'%s'", ".split('.')", "size(", "\u0000", "ä",
    ];

    [Theory]
    [InlineData("true", true)]
    [InlineData("!true || false", false)]
    [InlineData("true || false && false", true)]
    [InlineData("(true || false) && false", false)]
    [InlineData("self == 'www.example.com'", true)]
    [InlineData("self != \"www.example.com\"", false)]
    [InlineData("self.startsWith('www.') && self.endsWith('.com') && self.contains('example')", true)]
    [InlineData("self.startsWith('WWW.')", false)]
    [InlineData("self.upperAscii() == 'WWW.EXAMPLE.COM' && 'AbÄ'.lowerAscii() == 'abÄ'", true)]
    [InlineData("size(self) == 15 && self.size() <= 15 && self.size() > 14 && size('ä😀') == 2", true)]
    [InlineData("size(self) - 5 + 1 == 11", true)]
    [InlineData("-1 < 0", true)]
    [InlineData("self in ['a', 'www.example.com']", true)]
    [InlineData("'a' in []", false)]
    [InlineData("['.com', '.org'].exists(d, self.endsWith(d))", true)]
    [InlineData("['.svc', '.svc.cluster.local'].exists(d, self.endsWith(cr.namespace + d))", false)]
    [InlineData("['www', 'example'].all(d, self.contains(d)) && ['www', 'com'].exists_one(d, self.endsWith(d))", true)]
    [InlineData("['a', 'b'].all(x, ['a', 'b', 'c'].exists(y, x == y) && ['b'].all(z, z == 'b' && x in ['a', 'b']))", true)]
    [InlineData("self.split('.').size() == 3 && self.split('.').join('-') == 'www-example-com'", true)]
    [InlineData("cr.name == 'web-1' && cr.namespace == 'shop' && cr.username.endsWith(':web')", true)]
    [InlineData("serviceaccount.getName(cr.username) == 'web' && serviceaccount.getNamespace(cr.username) == cr.namespace", true)]
    [InlineData("serviceaccount.getName('jane') == ''", true)]
    [InlineData("self.startsWith('spiffe://acme.com/ns/%s/sa/'.format([cr.namespace]))", false)]
    [InlineData("'%s has %d%%'.format([cr.namespace, size(self)]) == 'shop has 15%'", true)]
    [InlineData("size(cr.namespace) < 24 ? self.endsWith('.com') : false", true)]
    [InlineData(@"self.matches('^[a-z]+\\.example\\.com$')", true)]
    [InlineData(@"self.matches(r'^\w{3}(?:\.[\w-]+){2,}$')", true)]
    [InlineData("self.matches('example')", true)]
    [InlineData("self.matches('^example')", false)]
    [InlineData("'a\\n'.matches('^a$')", false)]
    [InlineData("'٣'.matches(r'^\\d$')", false)]
    public void What_is_understood_means_what_it_means_in_cel(string rule, bool holds)
    {
        Assert.Null(CelRule.WhatIsWrong(rule));
        Assert.Equal(holds, CelRule.Holds(rule, Subject));
    }

    [Theory]
    [InlineData("")]
    [InlineData("self")]
    [InlineData("size('foo')")]
    [InlineData("foo = bar")]
    [InlineData("foo == bar")]
    [InlineData("size(cr.foo) < 24")]
    [InlineData("cr == cr")]
    [InlineData("self == 1")]
    [InlineData("self < 'a'")]
    [InlineData("1.5 < 2")]
    [InlineData("1 % 2 == 0")]
    [InlineData("1u == 1u")]
    [InlineData("'a' && true")]
    [InlineData("!self")]
    [InlineData("true ? 1 : 'a'")]
    [InlineData("[1, 2].all(i, i > 0)")]
    [InlineData("self.exists(c, true)")]
    [InlineData("['a'].exists(c, c)")]
    [InlineData("['a'].exists(c, true) && c == 'a'")]
    [InlineData("self.charAt(0) == 'w'")]
    [InlineData("self.endsWith(1)")]
    [InlineData("self.endsWith('a', 'b')")]
    [InlineData("self.matches(cr.name)")]
    [InlineData("self.matches('(?i)a')")]
    [InlineData("self.matches('[[:alpha:]]')")]
    [InlineData(@"self.matches(r'\bwww')")]
    [InlineData(@"self.matches(r'\pL')")]
    [InlineData("self.matches('[a-z')")]
    [InlineData("self.matches('(a')")]
    [InlineData("self.matches('a{2,1}')")]
    [InlineData("self.matches('a{1001}')")]
    [InlineData("self.matches('a**')")]
    [InlineData("'%x'.format([1]) == '1'")]
    [InlineData("'%s'.format([]) == ''")]
    [InlineData("''.format(['a']) == ''")]
    [InlineData("'open")]
    [InlineData("true)")]
    [InlineData("(true")]
    [InlineData("true true")]
    [InlineData("true //")]
    public void What_is_not_understood_is_told_and_never_holds(string rule)
    {
        Assert.NotNull(CelRule.WhatIsWrong(rule));
        Assert.False(CelRule.Holds(rule, Subject));
    }

    [Fact]
    public void What_cannot_be_evaluated_does_not_hold_nor_does_its_contrary()
    {
        var subject = Subject with { Self = "😀" };
        Assert.False(CelRule.Holds("self.matches('.')", subject));
        Assert.False(CelRule.Holds("!self.matches('.')", subject));
        var great = Subject with { Self = new string('a', 60_000) };
        Assert.False(CelRule.Holds("self + self != ''", great));
    }

    [Fact]
    public void Whatever_is_written_is_understood_or_told() => Prop.ForAll(
        Gen.Elements(Pieces).ArrayOf().ToArbitrary(), pieces =>
        {
            var rule = string.Concat(pieces);
            return CelRule.WhatIsWrong(rule) is null || !CelRule.Holds(rule, Subject);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void A_rule_is_neither_too_greatnor_too_deep()
    {
        Assert.NotNull(CelRule.WhatIsWrong(new string('(', 2000) + "true" + new string(')', 2000)));
        Assert.NotNull(CelRule.WhatIsWrong(new string('!', 4000) + "true"));
        Assert.NotNull(CelRule.WhatIsWrong("self == '" + new string('a', 5000) + "'"));
        Assert.Null(CelRule.WhatIsWrong(string.Join(" + ", Enumerable.Repeat("self", 500)) + " == ''"));
    }
}
